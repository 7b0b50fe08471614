import type { Extracted, Section } from '../types.ts';

/** Plain text is its own extracted text, letter by letter. */
export const extractText = (text: string): Extracted => flowing(text, null, null);

/** A flowing text, as the only part of its document. */
export const flowing = (text: string, title: string | null, author: string | null): Extracted => ({
  title,
  author,
  parts: one(text),
  [Symbol.asyncDispose]: async () => {},
});

async function* one(text: string): AsyncGenerator<Section> {
  yield { text, page: null };
}
