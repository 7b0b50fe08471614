import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { WhisperFiles } from './whisper-files.ts';

/** The vocabulary of one Whisper model: what its special tokens are, and what the others say. */
export interface WhisperTokens {
  readonly size: number;
  readonly startOfTranscript: number;
  /** Every token from here on is special. */
  readonly endOfText: number;
  readonly noSpeech: number | null;
  readonly noTimestamps: number;
  /** The time 0.00; those behind it are 20 ms later each. */
  readonly firstTimestamp: number;
  /** Null for a model of English alone. */
  readonly multilingual: {
    readonly transcribe: number;
    /** By its code: `de`. */
    readonly languages: ReadonlyMap<string, number>;
  } | null;
  /** Never written: special tokens, and signs that stand for no speech. */
  readonly suppressed: readonly number[];
  readonly suppressedAtBegin: readonly number[];
  /** What tokens say; special ones and times say nothing. */
  decode(tokens: readonly number[]): string;
}

const fileSchema = z.looseObject({
  model: z.looseObject({ vocab: z.record(z.string(), z.number().int()) }),
  added_tokens: z.array(z.looseObject({ id: z.number().int(), content: z.string() })),
});

/** Signs that captions have and speech has not, as OpenAI's `tokenizer.py` lists them. */
const signs = [
  ...'"#()*+/:;<=>@[\\]^_`{|}~「」『』',
  ...'<< >> <<< >>> -- --- -( -[ (\' (" (( )) ((( ))) [[ ]] {{ }} ♪♪ ♪♪♪'.split(' '),
];
const notes = [...'♩♪♫♬♭♮♯'];

/** From this size on a vocabulary is that of a multilingual model. */
const multilingualSize = 51_865;

/**
 * Reads a model's `tokenizer.json`.
 *
 * @throws Error when a special token is missing.
 */
export async function readWhisperTokens(files: WhisperFiles): Promise<WhisperTokens> {
  const parsed = fileSchema.safeParse(JSON.parse(await readFile(files.tokenizer, 'utf8')));
  if (!parsed.success)
    throw new Error(`${files.tokenizer} is not as expected: ${z.prettifyError(parsed.error)}`);
  const vocabulary = new Map(Object.entries(parsed.data.model.vocab));
  const special = new Map(parsed.data.added_tokens.map(({ id, content }) => [content, id]));
  for (const [content, id] of vocabulary) if (/^<\|.*\|>$/.test(content)) special.set(content, id);
  const needed = (content: string): number => {
    const id = special.get(content);
    if (id === undefined) throw new Error(`${files.tokenizer} has no token ${content}.`);
    return id;
  };

  const endOfText = needed('<|endoftext|>');
  const startOfTranscript = needed('<|startoftranscript|>');
  const noTimestamps = needed('<|notimestamps|>');
  const noSpeech = special.get('<|nospeech|>') ?? special.get('<|nocaptions|>') ?? null;
  const firstTimestamp = noTimestamps + 1;
  const isMultilingual = files.isMultilingual ?? files.vocabularySize >= multilingualSize;
  const languages = [...special].filter(([content]) => /^<\|[a-z]{2,3}\|>$/.test(content));
  const specials = [...special.values()].filter((id) => id !== endOfText && id < firstTimestamp);
  const { toBytes, fromText } = byteLevel();
  const pieces = new Map([...vocabulary].map(([content, id]) => [id, content]));

  /** Signs that are one token, with and without a space before them; of a note its first token. */
  function* signTokens(): Generator<number> {
    for (const start of ['', ' ']) {
      for (const sign of [...signs, ...notes]) {
        const piece = fromText(start + sign);
        const whole = vocabulary.get(piece);
        if (whole !== undefined) yield whole;
        else if (notes.includes(sign)) {
          for (let length = piece.length - 1; length > 1; length--) {
            const first = vocabulary.get(piece.slice(0, length));
            if (first !== undefined) {
              yield first;
              break;
            }
          }
        }
      }
    }
    // A dash or an apostrophe is fine within a word and at no word's beginning.
    for (const mark of [' -', " '"]) {
      const id = vocabulary.get(fromText(mark));
      if (id !== undefined) yield id;
    }
  }

  return {
    size: files.vocabularySize,
    ...{ startOfTranscript, endOfText, noSpeech, noTimestamps, firstTimestamp },
    multilingual: isMultilingual
      ? {
          transcribe: needed('<|transcribe|>'),
          languages: new Map(languages.map(([content, id]) => [content.slice(2, -2), id])),
        }
      : null,
    suppressed: [...new Set([...(files.suppressed ?? signTokens()), ...specials])],
    suppressedAtBegin: files.suppressedAtBegin,
    decode(tokens) {
      const bytes: number[] = [];
      for (const token of tokens) {
        if (token < endOfText) bytes.push(...toBytes(pieces.get(token) ?? ''));
      }
      return new TextDecoder().decode(Uint8Array.from(bytes));
    },
  };
}

/** How vocabularies of GPT-2's family write bytes: those that can be seen as themselves, others from U+0100 on. */
function byteLevel() {
  const visible = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  const characters: string[] = [];
  let next = 256;
  for (let byte = 0; byte < 256; byte++) characters.push(String.fromCharCode(visible(byte) ? byte : next++));
  const bytes = new Map(characters.map((character, byte) => [character, byte]));
  return {
    toBytes: (piece: string): number[] => [...piece].map((character) => bytes.get(character) ?? 0x3f),
    fromText: (text: string): string =>
      [...new TextEncoder().encode(text)].map((byte) => characters[byte]).join(''),
  };
}
