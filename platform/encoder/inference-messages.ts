import type { Pooling } from './encoder-model.ts';
import type { SessionOptions } from './open-session.ts';

/** What the inference thread is started with. */
export interface InferenceOptions extends SessionOptions {
  readonly pooling: Pooling;
  readonly padId: number;
  /** The dimension of the vectors that are returned; the model's own may be smaller. */
  readonly dimension: number;
  /** Two texts of different lengths, as token ids, to try the model with. */
  readonly samples: readonly [Int32Array, Int32Array];
}

/**
 * Texts to encode: their tokens one behind the other, and how many belong to each. The answer has shape
 * [texts, dimension], each vector L2-normalised.
 */
export interface InferenceRequest {
  readonly tokens: Int32Array;
  readonly lengths: Int32Array;
}

/** What the thread found when it loaded the model. */
export interface InferenceReady {
  readonly executionProvider: string;
  /** Providers that were asked for and could not be used, with the reason. */
  readonly refused: readonly string[];
  /** Whether a text has the same vector whatever it is encoded beside. Where not, texts run one by one. */
  readonly independentOfBatch: boolean;
}
