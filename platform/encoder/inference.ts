import type { InferenceOptions, InferenceReady, InferenceRequest } from './inference-messages.ts';
import { startThread } from './start-thread.ts';
import { openThreadCalls } from './thread-calls.ts';

/** A model that runs on a thread of its own. */
export interface Inference extends InferenceReady, AsyncDisposable {
  /** Whether its thread runs; one that has died stays dead. */
  readonly alive: boolean;
  /**
   * Encodes a batch of token ids. Batches run one behind the other.
   *
   * @returns one vector of shape [dimension] per text, L2-normalised.
   * @throws Error when the model fails or its thread has died.
   */
  run(texts: readonly Int32Array[]): Promise<Float32Array[]>;
}

/**
 * Loads a model on a thread of its own.
 *
 * @throws Error that says why it could not be loaded.
 */
export async function startInference(options: InferenceOptions): Promise<Inference> {
  const thread = startThread('inference-thread', options);
  const calls = await openThreadCalls<InferenceRequest, InferenceReady, Float32Array>(thread);
  return {
    ...calls.ready,
    get alive() {
      return calls.alive;
    },
    async run(texts) {
      const { tokens, lengths } = joinTexts(texts);
      const vectors = await calls.call({ tokens, lengths }, [tokens.buffer, lengths.buffer]);
      const { dimension } = options;
      return texts.map((_, row) => vectors.slice(row * dimension, (row + 1) * dimension));
    },
    [Symbol.asyncDispose]: () => calls[Symbol.asyncDispose](),
  };
}

/** Texts one behind the other, as they are sent to a thread. */
export function joinTexts(texts: readonly Int32Array[]): {
  readonly tokens: Int32Array<ArrayBuffer>;
  readonly lengths: Int32Array<ArrayBuffer>;
} {
  const lengths = Int32Array.from(texts, (text) => text.length);
  const tokens = new Int32Array(lengths.reduce((sum, length) => sum + length, 0));
  let offset = 0;
  for (const text of texts) {
    tokens.set(text, offset);
    offset += text.length;
  }
  return { tokens, lengths };
}
