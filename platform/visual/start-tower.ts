import { joinTexts } from '../encoder/inference.ts';
import { startThread } from '../encoder/start-thread.ts';
import { openThreadCalls } from '../encoder/thread-calls.ts';
import type { TowerOptions, TowerReady, TowerRequest } from './tower-messages.ts';

/** One tower of a visual encoder, on a thread of its own. Batches run one behind the other. */
export interface Tower extends TowerReady, AsyncDisposable {
  /** Whether its thread runs; one that has died stays dead. */
  readonly alive: boolean;
  /**
   * @param count how many pictures the values are of; the caller gives the values away.
   * @returns one vector of shape [dimension] per picture, L2-normalised.
   * @throws Error when the model fails or its thread has died; so does `encodeTexts`.
   */
  encodePictures(values: Float32Array, count: number): Promise<Float32Array[]>;
  /** @param texts their token ids. @returns as `encodePictures`. */
  encodeTexts(texts: readonly Int32Array[]): Promise<Float32Array[]>;
}

/**
 * Loads a tower.
 *
 * @throws Error that says why it could not be loaded.
 */
export async function startTower(options: TowerOptions): Promise<Tower> {
  const thread = startThread('tower-thread', options, import.meta.url);
  const calls = await openThreadCalls<TowerRequest, TowerReady, Float32Array>(thread);
  const rowsOf = (vectors: Float32Array, count: number) =>
    Array.from({ length: count }, (_, row) =>
      vectors.slice(row * options.dimension, (row + 1) * options.dimension),
    );
  return {
    ...calls.ready,
    get alive() {
      return calls.alive;
    },
    async encodePictures(values, count) {
      const request = { kind: 'pictures', count, values } as const;
      return rowsOf(await calls.call(request, [values.buffer as ArrayBuffer]), count);
    },
    async encodeTexts(texts) {
      const joined = joinTexts(texts);
      const request = { kind: 'texts', ...joined } as const;
      return rowsOf(await calls.call(request, [joined.tokens.buffer, joined.lengths.buffer]), texts.length);
    },
    [Symbol.asyncDispose]: () => calls[Symbol.asyncDispose](),
  };
}
