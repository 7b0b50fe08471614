import type { Box, Locator, Modality } from '../../platform/types.ts';

/** The kinds of content that are understood, as media types. */
export const mediaTypes = ['text/plain', 'text/markdown', 'text/html', 'application/pdf'] as const;
export type MediaType = (typeof mediaTypes)[number];

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
  /** The decoded text; null for a PDF. */
  readonly text: string | null;
}

/** Something that could not be made searchable, in the document's own terms. */
export interface Gap {
  readonly code: string;
  readonly message: string;
  readonly locator: Locator | null;
}

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

/** What was read from a document. Disposing gives back what reading it holds. */
export interface Extracted extends AsyncDisposable {
  /** What the content says of itself. */
  readonly title: string | null;
  readonly author: string | null;
  /** In reading order; can be gone through once. Pages that could not be read are given as gaps. */
  readonly parts: AsyncIterable<Section | Gap>;
}

/** One passage, as it is found and cited. */
export interface Chunk {
  /** Its place in the document, from 0. */
  readonly ordinal: number;
  readonly modality: Modality;
  readonly text: string;
  readonly locator: Locator;
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

/** A passage with its id, its vectors, and the text that was encoded. */
export interface EncodedChunk extends Chunk {
  readonly id: string;
  /** By the fingerprint of the encoder; each of shape [768], L2-normalised. */
  readonly vectors: ReadonlyMap<string, Float32Array>;
  readonly searchText: string;
}

/** What one pass through the pipeline has stored. */
export interface Stored {
  readonly chunks: number;
  readonly gaps: readonly Gap[];
}

export const isGap = (part: Section | Gap): part is Gap => 'code' in part;
