import { z } from 'zod';
import type { Pixels } from '../../../platform/ports/pixels.ts';
import type { ReadLine, TextReader } from '../../../platform/ports/text-reader.ts';
import type { Derivations } from '../derivations.ts';

const share = z.number().min(0).max(1);
const schema = z.array(
  z.object({
    text: z.string(),
    box: z.object({ left: share, top: share, width: share, height: share }),
    confidence: share,
  }),
);

/** What is read less surely than this is more often grain than letters. */
const minConfidence = 0.5;
/** A lone letter is most often a circle or a cross of a drawing; a lone Chinese character is a word. */
const saysSomething = /[\p{L}\p{N}].*[\p{L}\p{N}]|\p{Lo}/u;
/** A picture with more lines than this is a pattern. */
const maxLines = 500;

/**
 * The lines of text in a picture, in reading order, as they were read before where the picture is the same.
 *
 * @param digest of what the picture shows.
 * @param look gives its pixels; not called where the lines are known.
 */
export async function readLines(
  digest: string,
  look: () => Promise<Pixels>,
  { textReader, derivations }: { readonly textReader: TextReader; readonly derivations: Derivations },
  signal: AbortSignal,
): Promise<ReadLine[]> {
  const key = { kind: 'lines', model: textReader.description.fingerprint, digest };
  const lines = await derivations.reuse(key, schema, async () => textReader.read(await look(), signal));
  return lines
    .filter(({ text, confidence }) => confidence >= minConfidence && saysSomething.test(text))
    .slice(0, maxLines);
}
