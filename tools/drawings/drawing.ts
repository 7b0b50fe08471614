/** The kinds of drawings that the encoder learns. */
export const drawingKinds = ['shapes', 'chart', 'piping', 'wiring'] as const;
export type DrawingKind = (typeof drawingKinds)[number];

/** A picture with what can be said of it. */
export interface Drawing {
  readonly kind: DrawingKind;
  /** What the picture shows, in one line: two drawings with the same are the same to a reader. */
  readonly key: string;
  /** A square SVG document without references to anything outside. */
  readonly svg: string;
  /** Phrases to learn from: some say all of the key, some only a part. */
  readonly captions: readonly string[];
  /** Phrases in wordings that no caption has, each saying all of the key: for tests alone. */
  readonly queries: readonly string[];
  /** What is to be seen, one by one, for the helper task of the training. */
  readonly attributes: readonly string[];
}
