import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';

/** What a model's text tower is given. */
export interface VisualTokenizer {
  /** The most tokens of one text, special tokens counted. */
  readonly maxTokens: number;
  /** What fills a text up. */
  readonly padId: number;
  /** Whether each text is filled up to `maxTokens`, and not only to the longest one beside it. */
  readonly padsToMost: boolean;
  /** The ids of a text. Of one that is too long the end is left out, but not its end token, which the model pools. */
  encode(text: string): Int32Array;
}

const tokenSchema = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();

const fileSchema = z.looseObject({
  truncation: z.looseObject({ max_length: z.number().int().positive() }).nullish(),
  padding: z.looseObject({ pad_id: z.number().int().nonnegative(), strategy: z.unknown() }).nullish(),
});
const configSchema = z.looseObject({
  model_max_length: z.number().positive().nullish(),
  pad_token: tokenSchema,
});

export interface VisualTokenizerFiles {
  /** `tokenizer.json`. */
  readonly tokenizer: unknown;
  /** `tokenizer_config.json`; an empty object where there is none. */
  readonly config: unknown;
  /** What the model's own `config.json` says: the most tokens it has places for. */
  readonly positions: number;
  /** Whether the model was trained on texts that are all filled up to the same length (SigLIP). */
  readonly padsToMost: boolean;
}

/** So many characters are read for each token that is wanted; only a text of almost nothing but blanks has fewer. */
const charactersPerToken = 64;

/**
 * A tokenizer of the CLIP or SigLIP family, from its parsed files. It pads and truncates as they say, which the
 * tokenizer in JavaScript does not do by itself.
 *
 * @throws Error when they are not as expected.
 */
export function createVisualTokenizer(files: VisualTokenizerFiles): VisualTokenizer {
  const file = fileSchema.parse(files.tokenizer);
  const config = configSchema.parse(files.config);
  const tokenizer = new Tokenizer(files.tokenizer as object, files.config as object);
  const maxTokens = Math.min(
    files.positions,
    file.truncation?.max_length ?? files.positions,
    // Models without a limit say an absurdly large number.
    config.model_max_length ?? files.positions,
  );
  const special = tokenizer.encode('').ids;
  const end = special.at(-1);
  const { pad_token: pad } = config;
  const named = pad == null ? undefined : tokenizer.token_to_id(typeof pad === 'string' ? pad : pad.content);
  const padId = file.padding?.pad_id ?? named ?? end;
  if (padId === undefined) throw new Error('it names no token to fill texts up with');
  const isFixed = z.object({ Fixed: z.number() }).safeParse(file.padding?.strategy).success;
  return {
    maxTokens,
    padId,
    padsToMost: files.padsToMost || isFixed,
    encode(text) {
      const { ids } = tokenizer.encode(text.slice(0, maxTokens * charactersPerToken));
      if (ids.length <= maxTokens) return Int32Array.from(ids);
      return Int32Array.from(
        end === undefined ? ids.slice(0, maxTokens) : [...ids.slice(0, maxTokens - 1), end],
      );
    },
  };
}
