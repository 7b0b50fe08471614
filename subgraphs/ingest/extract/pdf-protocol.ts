import type { Pixels } from '../../../platform/ports/pixels.ts';
import type { Box } from '../../../platform/types.ts';
import type { Line } from '../types.ts';

/** What the thread that reads PDFs is asked; one question at a time, about one document at a time. */
export type PdfRequest =
  | { readonly kind: 'open'; readonly bytes: Uint8Array }
  /** The text of a page, and the places of its pictures where these are wanted. */
  | { readonly kind: 'page'; readonly page: number; readonly pictures: boolean }
  /** The pixels of one of a page's pictures, by its place among them, or of all as they stand on the page. */
  | {
      readonly kind: 'picture';
      readonly page: number;
      readonly picture: number | 'all';
      readonly maxSide: number;
    };

export interface PdfOutline {
  readonly pages: number;
  readonly title: string | null;
  readonly author: string | null;
}

/** A picture on a page. */
export interface PdfPicture {
  readonly box: Box;
  /** How many pixels it has. */
  readonly width: number;
  readonly height: number;
}

/** A run of text, and where it stands, in points from the top left of the page. */
export interface TextRun {
  readonly text: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface PdfPage {
  readonly text: string;
  readonly lines: readonly Line[];
  /** In the order in which they are painted. */
  readonly pictures: readonly PdfPicture[];
  /** How many pictures there are or may be more, which are too large, take too long or cannot be decoded. */
  readonly lostPictures: number;
  /** The runs of its text one by one. */
  readonly runs: readonly TextRun[];
  /** Its size as it is shown, in points. */
  readonly width: number;
  readonly height: number;
}

/** What it answers. A document that cannot be opened is `encrypted` or `broken`; a page that cannot be read is `broken`. */
export type PdfReply =
  | ({ readonly kind: 'opened' } & PdfOutline)
  | ({ readonly kind: 'page' } & PdfPage)
  | { readonly kind: 'picture'; readonly pixels: Pixels }
  | { readonly kind: 'encrypted' }
  | { readonly kind: 'broken'; readonly detail: string };
