import { startThread } from '../encoder/start-thread.ts';
import { openThreadCalls, type ThreadCalls } from '../encoder/thread-calls.ts';
import type { Pixels } from '../ports/pixels.ts';
import type { Preprocessing } from './preprocessing.ts';

/** Makes pictures ready on threads of its own. */
export interface PicturePreprocessing extends AsyncDisposable {
  /** Whether its threads run; what has died stays dead. */
  readonly alive: boolean;
  /** @returns shape [pictures, 3, height, width]. @throws Error when a thread has died. */
  prepare(pictures: readonly Pixels[]): Promise<Float32Array>;
}

type Calls = ThreadCalls<readonly Pixels[], null, Float32Array>;

/** @param threads how many pictures are worked on at once. @throws Error when they cannot be started. */
export async function startPreprocessing(
  config: Preprocessing,
  threads: number,
): Promise<PicturePreprocessing> {
  const all = await Promise.all(
    Array.from({ length: threads }, () =>
      openThreadCalls<readonly Pixels[], null, Float32Array>(
        startThread('preprocess-thread', config, import.meta.url),
      ),
    ),
  );
  const size = 3 * config.width * config.height;
  const prepareOn = (calls: Calls, pictures: readonly Pixels[]) => {
    // Copies, and of no more than each picture itself: it may stand in a larger buffer, and stays the caller's.
    const copies = pictures.map(({ width, height, data }) => ({ width, height, data: data.slice() }));
    return calls.call(
      copies,
      copies.map(({ data }) => data.buffer),
    );
  };
  return {
    get alive() {
      return all.every(({ alive }) => alive);
    },
    async prepare(pictures) {
      const share = Math.ceil(pictures.length / all.length);
      const parts = await Promise.all(
        all.flatMap((calls, index) => {
          const mine = pictures.slice(index * share, (index + 1) * share);
          return mine.length > 0 ? [prepareOn(calls, mine)] : [];
        }),
      );
      const [only] = parts;
      if (parts.length === 1 && only !== undefined) return only;
      const values = new Float32Array(pictures.length * size);
      for (const [index, part] of parts.entries()) values.set(part, index * share * size);
      return values;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((calls) => calls[Symbol.asyncDispose]()));
    },
  };
}
