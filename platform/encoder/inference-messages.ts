import type { Pooling } from './encoder-model.ts';

/** What the inference thread is started with. */
export interface InferenceOptions {
  readonly weights: string;
  readonly pooling: Pooling;
  readonly padId: number;
  readonly threads: number;
  /** To be tried in this order. */
  readonly executionProviders: readonly string[];
  /** The dimension of the vectors that are returned; the model's own may be smaller. */
  readonly dimension: number;
  /** Two texts of different lengths, as token ids, to try the model with. */
  readonly samples: readonly [Int32Array, Int32Array];
}

/** Texts to encode: their tokens one behind the other, and how many belong to each. */
export interface InferenceRequest {
  readonly kind: 'encode';
  readonly id: number;
  readonly tokens: Int32Array;
  readonly lengths: Int32Array;
}

export type ToInference = InferenceRequest | { readonly kind: 'close' };

/** What the thread found when it loaded the model. */
export interface InferenceReady {
  readonly kind: 'ready';
  readonly executionProvider: string;
  /** Providers that were asked for and could not be used, with the reason. */
  readonly refused: readonly string[];
  /** Whether a text has the same vector whatever it is encoded beside. Where not, texts run one by one. */
  readonly independentOfBatch: boolean;
}

export type FromInference =
  | InferenceReady
  | { readonly kind: 'failed'; readonly message: string }
  /** `vectors` has shape [texts, dimension], each L2-normalised. */
  | { readonly kind: 'encoded'; readonly id: number; readonly vectors: Float32Array }
  | { readonly kind: 'refused'; readonly id: number; readonly message: string };
