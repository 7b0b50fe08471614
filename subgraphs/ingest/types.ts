import type { EncodedPicture, Pixels } from '../../platform/ports/pixels.ts';
import type { CollectionName } from '../../platform/ports/vector-store.ts';
import type { Box, Locator, Modality } from '../../platform/types.ts';
import type { MediaType } from './media-types.ts';

/** The bytes of one document as they came, and what was claimed of them. */
export interface Upload {
  readonly bytes: Uint8Array;
  /** The name that the uploader gave; tells kinds of text apart. */
  readonly fileName: string | null;
  /** The media type that the uploader named, its parameters included; the bytes decide. */
  readonly mediaType: string | null;
}

/** The bytes, and what they really are. */
export interface Inspected {
  readonly mediaType: MediaType;
  readonly fileName: string | null;
  readonly bytes: Uint8Array;
  /** The decoded text; null where the content is not text. */
  readonly text: string | null;
}

/** Something that could not be made searchable, in the document's own terms. */
export interface Gap {
  readonly code: string;
  readonly message: string;
  readonly locator: Locator | null;
  /** What is missing here, where it is not the content's fault: once it is there the document is gone through again. */
  readonly lacks?: Tool;
}

/** What content needs beside the text encoder. Without it the rest of a document is searchable all the same. */
export const tools = [
  'visual-encoder',
  'sound-encoder',
  'transcriber',
  'text-reader',
  'media-decoder',
  'picture-decoder',
] as const;
export type Tool = (typeof tools)[number];

/** One line of a page: a range of the page's text, and where it stands. */
export interface Line {
  readonly start: number;
  readonly end: number;
  readonly box: Box;
}

/** Text that is cut into passages by itself: a whole flowing text, or one page. */
export interface Section {
  readonly text: string;
  /** The page, from 1, with its lines in reading order; null for a flowing text. */
  readonly page: { readonly number: number; readonly lines: readonly Line[] } | null;
}

/** What is found as one thing and was cut by whoever read it: a picture, a span of a recording, a group of rows. */
export interface Piece {
  readonly modality: Modality;
  readonly locator: Locator;
  /** What is said, written or described in it; null where nothing is known. */
  readonly text: string | null;
  /** SHA-256 over what it shows or sounds like; null where it is text alone. */
  readonly digest: string | null;
  /** Encoded for the visual space; the vectors of several are averaged. */
  readonly pictures?: readonly Pixels[];
  /** In the place of pictures: what it shows is the mean of other pieces of the document, given before, by their digests. */
  readonly meanOf?: readonly Share[];
  /** An edge-detected copy of a technical drawing: a second vector of the same picture. */
  readonly edges?: Pixels | null;
  /** At most 30 seconds, 16 kHz, mono: encoded for the space of sounds. */
  readonly sound?: Float32Array;
  /** Whether its text (or, without one, the document's title alone) is encoded and searched by words; true by default. */
  readonly searchable?: boolean;
  /** What is shown of it. */
  readonly preview?: EncodedPicture | null;
  /** Values of its rows that filters see, for a group of rows of a table. */
  readonly cells?: Readonly<Record<string, unknown>>;
}

/** What was read from a document. Disposing gives back what reading it holds. */
export interface Extracted extends AsyncDisposable {
  /** What the content says of itself. */
  readonly title: string | null;
  readonly author: string | null;
  /** In reading order; can be gone through once. What could not be read is given as gaps. */
  readonly parts: AsyncIterable<Part>;
}

export type Part = Section | Piece | Gap;

/** How much one of several counts. */
export interface Share {
  readonly digest: string;
  readonly weight: number;
}

/** What a vector is made of. */
export type Content =
  | { readonly kind: 'text' }
  /** The vectors of other passages in the visual space. */
  | { readonly kind: 'mean'; readonly of: readonly Share[] }
  | { readonly kind: 'pictures'; readonly pictures: readonly Pixels[]; readonly edges: boolean }
  | { readonly kind: 'sound'; readonly samples: Float32Array };

/** One passage, as it is found and cited; or another view of one, which is found in its place. */
export interface Chunk {
  /** Its place in the document, from 0. */
  readonly ordinal: number;
  readonly modality: Modality;
  /** The space that its vector is in. */
  readonly family: CollectionName['family'];
  readonly text: string | null;
  readonly locator: Locator;
  readonly content: Content;
  /** SHA-256 over what is encoded beside the text; null for text alone. */
  readonly digest: string | null;
  /** The ordinal of the passage that this is another view of; null for a passage itself. */
  readonly viewOf: number | null;
  readonly preview: EncodedPicture | null;
  readonly cells: Readonly<Record<string, unknown>> | null;
}

/** What the stages of one job know of the document they work on. */
export interface Subject {
  readonly tenant: string;
  readonly documentId: string;
  readonly version: number;
}

/** What is said of a document: what filters see. */
export interface Attributes {
  readonly title: string;
  readonly author: string | null;
  readonly source: string | null;
  readonly year: number | null;
  readonly publishedAtMs: number | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly containsPii: boolean;
}

/** A passage with its id, its vectors, and the text that is searched by words. */
export interface EncodedChunk extends Omit<Chunk, 'content'> {
  readonly id: string;
  readonly viewOfId: string | null;
  /** By the fingerprint of the encoder; each of shape [768], L2-normalised. None where the encoder is missing. */
  readonly vectors: ReadonlyMap<string, Float32Array>;
  readonly searchText: string;
  /** SHA-256 over all that its vectors were made of. */
  readonly contentHash: string;
}

/** What one pass through the pipeline has stored. */
export interface Stored {
  readonly chunks: number;
  readonly gaps: readonly Gap[];
}

export const isGap = (part: Part): part is Gap => 'code' in part;
export const isSection = (part: Part): part is Section => 'page' in part;
