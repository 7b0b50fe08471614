/** One space of vectors. Two vectors can be compared only where their fingerprints are equal. */
export interface EncoderDescription {
  /** The model's name, for people. */
  readonly model: string;
  /** Hash over weights, tokenizer, pooling, prefix and maximum length; 16 hexadecimal characters. */
  readonly fingerprint: string;
  /** The dimension of what `encode` returns: `unifiedDimension`, shorter vectors zero-padded. */
  readonly dimension: number;
  /** The most tokens of one text that are encoded, special tokens counted. */
  readonly maxTokens: number;
  /** The execution provider that is really used, such as `cpu`. */
  readonly executionProvider: string;
}

/** All vectors have this many dimensions; zero-padding keeps inner products. */
export const unifiedDimension = 768;

/** One token's place in its text, in UTF-16 code units. */
export interface TokenSpan {
  readonly start: number;
  readonly end: number;
}

/** Turns texts into vectors. */
export interface Encoder extends AsyncDisposable {
  readonly description: EncoderDescription;
  /**
   * Encodes texts; calls of many callers are batched together.
   *
   * @param purpose `query` adds the model's query prompt, where it has one.
   * @returns one Float32Array of shape [dimension] per text, L2-normalised, in the order given.
   * @throws TributaryError `BUSY` when the queue is full; the signal's reason when aborted.
   */
  encode(
    texts: readonly string[],
    purpose: 'query' | 'passage',
    signal?: AbortSignal,
  ): Promise<Float32Array[]>;
  /** Where the tokens of a text stand, without special tokens: what windows are counted with. */
  tokenSpans(text: string): TokenSpan[];
}
