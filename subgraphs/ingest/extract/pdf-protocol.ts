import type { Line } from '../types.ts';

/** What the thread that reads PDFs is asked; one question at a time, about one document at a time. */
export type PdfRequest =
  | { readonly kind: 'open'; readonly bytes: Uint8Array }
  | { readonly kind: 'page'; readonly page: number };

export interface PdfOutline {
  readonly pages: number;
  readonly title: string | null;
  readonly author: string | null;
}

export interface PdfPage {
  readonly text: string;
  readonly lines: readonly Line[];
}

/** What it answers. A document that cannot be opened is `encrypted` or `broken`; a page that cannot be read is `broken`. */
export type PdfReply =
  | ({ readonly kind: 'opened' } & PdfOutline)
  | ({ readonly kind: 'page' } & PdfPage)
  | { readonly kind: 'encrypted' }
  | { readonly kind: 'broken'; readonly detail: string };
