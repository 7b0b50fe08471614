/** The kind of content; see `Modality` in the contract. */
export type Modality = 'TEXT' | 'IMAGE' | 'AUDIO' | 'VIDEO' | 'TABLE';

/** Fractions of width and height, from 0 to 1, with the origin at the top left. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where in its document a chunk or a citation stands; see `Locator` in the contract. Stored as JSON. */
export type Locator =
  /** UTF-16 code units of the document's extracted text. */
  | { readonly kind: 'TextRange'; readonly start: number; readonly end: number }
  | { readonly kind: 'PageRegion'; readonly page: number; readonly box: Box | null }
  | { readonly kind: 'ImageRegion'; readonly box: Box }
  | { readonly kind: 'TimeSpan'; readonly startMs: number; readonly endMs: number }
  | {
      readonly kind: 'CellRange';
      readonly sheet: string | null;
      readonly firstRow: number;
      readonly lastRow: number;
      readonly firstColumn: number;
      readonly lastColumn: number;
    };
