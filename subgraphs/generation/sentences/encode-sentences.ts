import type { Encoder } from '../../../platform/ports/encoder.ts';
import type { Excerpt, Passage } from '../types.ts';
import { splitPassage } from './split-passage.ts';
import { contentStems } from './words.ts';

/** A sentence of a passage, ready to be compared. */
export interface Sentence extends Excerpt {
  readonly text: string;
  /** Of shape [768], L2-normalised. */
  readonly vector: Float32Array;
  readonly stems: ReadonlySet<string>;
  /** Whether it is a sentence, and not the end of one that the passage's border cut off, a heading or a label. */
  readonly isWhole: boolean;
}

/** The most sentences of one answer that are compared; the best passages' come first. */
const maxSentences = 400;

/** Splits passages into sentences and encodes them. Sentences without a word are left out. */
export async function encodeSentences(
  passages: readonly Passage[],
  encoder: Encoder,
  signal: AbortSignal,
): Promise<Sentence[]> {
  const sentences = passages
    .flatMap((passage, index) =>
      splitPassage(passage).map((range) => ({
        passage: index,
        range,
        text: passage.text.slice(range.start, range.end),
      })),
    )
    .filter(({ text }) => /[\p{L}\p{N}]/u.test(text))
    .slice(0, maxSentences);
  const vectors = await encoder.encode(
    sentences.map(({ text }) => text.replace(/\s+/g, ' ')),
    'passage',
    signal,
  );
  return sentences.flatMap((sentence, index) => {
    const vector = vectors[index];
    return vector
      ? [{ ...sentence, vector, stems: contentStems(sentence.text), isWhole: isWhole(sentence.text) }]
      : [];
  });
}

function isWhole(text: string): boolean {
  return (
    /^[\s"'“‘([*_-]*[\p{Lu}\p{N}]/u.test(text) &&
    /[.!?…][)\]"'”’*_]*$/u.test(text) &&
    text.split(/\s+/).length >= 4
  );
}
