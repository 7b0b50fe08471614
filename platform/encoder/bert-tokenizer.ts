import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import type { TokenSpan } from '../ports/encoder.ts';

/** Splits texts into the tokens of one model. */
export interface BertTokenizer {
  /**
   * The ids of a text's first tokens, between the special tokens of the model. Reads no further than it
   * must: the cost is bounded by `maxTokens`, not by the text.
   *
   * @param maxTokens the most ids that are returned, special ones counted.
   */
  encode(text: string, maxTokens: number): Int32Array;
  /** Where each token stands in the text, in UTF-16 code units: in order, and never overlapping. */
  spans(text: string): TokenSpan[];
}

/** The tokens of a stretch of text without white space: ids, and places counted from its start. */
interface Piece {
  readonly ids: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

const fileSchema = z.looseObject({
  model: z.looseObject({ type: z.literal('WordPiece') }),
  pre_tokenizer: z.looseObject({ type: z.literal('BertPreTokenizer') }),
});

/**
 * Stretches between the white space that BERT's text cleaning keeps. Every other blank is a control character
 * (vertical tab, byte order mark, …), which it removes, so that the words beside it become one.
 */
const stretches = /[^\t\n\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;
const plain = /^[\x21-\x7e]+$/;
const longestStretch = 4096;
const longestCached = 64;
const cacheSize = 100_000;

/** A map that forgets everything when it is full: words repeat so much that it fills again at once. */
function cached<Value>(make: (key: string) => Value): (key: string) => Value {
  const known = new Map<string, Value>();
  return (key) => {
    if (key.length > longestCached) return make(key);
    let value = known.get(key);
    if (value === undefined) {
      if (known.size >= cacheSize) known.clear();
      value = make(key);
      known.set(key, value);
    }
    return value;
  };
}

/**
 * A tokenizer of the BERT family (`BertPreTokenizer` and `WordPiece`), from a parsed `tokenizer.json`. It
 * gives the ids that the reference gives, and what the reference in JavaScript lacks: places in the original
 * text, and a cost that does not grow with a text that is cut off anyway. What looks like a special token in
 * a text, such as `[SEP]`, is text.
 *
 * @throws Error when the file describes a tokenizer of another family.
 */
export function createBertTokenizer(file: unknown): BertTokenizer {
  if (!fileSchema.safeParse(file).success) {
    throw new Error('tokenizer.json must describe a WordPiece tokenizer with the BertPreTokenizer.');
  }
  const tokenizer = new Tokenizer(file as object, {});
  const { normalizer, pre_tokenizer: splitter, model } = tokenizer;
  if (normalizer === null || splitter === null || model === null) {
    throw new Error('tokenizer.json must have a normalizer, a pre_tokenizer and a model.');
  }
  const [first, last, ...others] = tokenizer.encode('').ids;
  if (first === undefined || last === undefined || others.length > 0) {
    throw new Error('tokenizer.json must put one special token before a text and one behind it.');
  }
  const unknown = model.unk_token ?? '[UNK]';
  const continued = '##';
  const idOf = (token: string) => model.tokens_to_ids.get(token) ?? model.unk_token_id ?? 0;

  const normalized = cached((character) => normalizer.normalize(character));
  const wordTokens = cached((word) => {
    const tokens: string[] = model.encode([word]);
    return {
      ids: tokens.map(idOf),
      lengths: tokens.map((token, index) =>
        token === unknown
          ? word.length
          : index > 0 && token.startsWith(continued)
            ? token.length - continued.length
            : token.length,
      ),
    };
  });

  const analyse = (stretch: string): Piece => {
    const isPlain = plain.test(stretch);
    let text = isPlain ? normalizer.normalize(stretch) : '';
    // For each code unit of the normalised text: where what it came from begins. What normalises to nothing
    // (accents, control characters) belongs to what stands before it.
    const origins: number[] = [];
    if (!isPlain) {
      let offset = 0;
      for (const character of stretch) {
        const part = normalized(character);
        for (let unit = 0; unit < part.length; unit++) origins.push(offset);
        text += part;
        offset += character.length;
      }
      // As a whole it may come out differently (a final sigma): that is what the model was trained on.
      const whole = normalizer.normalize(stretch);
      if (whole.length === text.length) text = whole;
    }
    const startOf = (unit: number) => (isPlain ? unit : (origins[unit] ?? stretch.length));
    const endOf = (unit: number) => {
      if (isPlain) return unit;
      const origin = origins[unit - 1];
      let next = unit;
      while (next < origins.length && origins[next] === origin) next++;
      return origins[next] ?? stretch.length;
    };

    const ids: number[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    let cursor = 0;
    let reached = 0;
    for (const word of splitter.pre_tokenize(text)) {
      cursor = text.indexOf(word, cursor);
      const tokens = wordTokens(word);
      let unit = cursor;
      for (const [index, id] of tokens.ids.entries()) {
        const length = tokens.lengths[index] ?? 0;
        const start = Math.max(startOf(unit), reached);
        // Several tokens of one character (a Hangul syllable): the first has it, the others are empty.
        reached = Math.max(endOf(unit + length), start);
        ids.push(id);
        starts.push(start);
        ends.push(reached);
        unit += length;
      }
      cursor += word.length;
    }
    return { ids, starts, ends };
  };
  const analyseCached = cached(analyse);

  function* pieces(text: string): Generator<Piece & { readonly offset: number }> {
    for (const match of text.matchAll(stretches)) {
      const stretch = match[0];
      for (let begin = 0; begin < stretch.length; ) {
        let end = Math.min(begin + longestStretch, stretch.length);
        if (end < stretch.length && /[\udc00-\udfff]/.test(stretch.charAt(end))) end--;
        const piece = analyseCached(stretch.slice(begin, end));
        yield { ...piece, offset: match.index + begin };
        begin = end;
      }
    }
  }

  return {
    encode(text, maxTokens) {
      const ids = [first];
      const most = maxTokens - 1;
      for (const piece of pieces(text)) {
        for (const id of piece.ids) if (ids.length < most) ids.push(id);
        if (ids.length >= most) break;
      }
      ids.push(last);
      return Int32Array.from(ids);
    },
    spans(text) {
      const spans: TokenSpan[] = [];
      for (const { starts, ends, offset } of pieces(text)) {
        for (const [index, start] of starts.entries()) {
          spans.push({ start: offset + start, end: offset + (ends[index] ?? start) });
        }
      }
      return spans;
    },
  };
}
