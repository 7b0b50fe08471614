import type { SessionOptions } from '../encoder/open-session.ts';

/** What the thread of a tower is started with. */
export interface TowerOptions extends SessionOptions {
  /** The output that is the vector: the first of these that the model has. */
  readonly outputs: readonly string[];
  /** The dimension of the vectors that are returned; the model's own may be smaller. */
  readonly dimension: number;
  /** The size of the pictures of this model, in pixels. */
  readonly width: number;
  readonly height: number;
  /** How texts are filled up. */
  readonly padId: number;
  readonly padTo: number | null;
  /** Whether the model looks at what fills a text up, too. */
  readonly attendsToPadding: boolean;
  /** Two inputs that differ much, to try the model with. */
  readonly samples: TowerRequest;
}

/** What is to be encoded. The answer has shape [count, dimension], each vector L2-normalised. */
export type TowerRequest =
  /** Pictures made ready: `values` has shape [count, 3, height, width]. */
  | { readonly kind: 'pictures'; readonly count: number; readonly values: Float32Array }
  /** Texts: their tokens one behind the other, and how many belong to each. */
  | { readonly kind: 'texts'; readonly tokens: Int32Array; readonly lengths: Int32Array };

/** What the thread found when it loaded the model. */
export interface TowerReady {
  readonly executionProvider: string;
  /** Providers that were asked for and could not be used, with the reason. */
  readonly refused: readonly string[];
  /** Whether a thing has the same vector whatever it is encoded beside. Where not, they run one by one. */
  readonly independentOfBatch: boolean;
}
