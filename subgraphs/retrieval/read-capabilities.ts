import type { VectorStore, VectorStoreCapabilities } from '../../platform/ports/vector-store.ts';

const rememberMs = 60_000;

interface Known {
  readonly asked: Promise<VectorStoreCapabilities | null>;
  readonly untilMs: number;
}

const known = new WeakMap<VectorStore, Known>();

/**
 * What the vector store can do, asked once a minute at most and waited for at most so long; null where it has not
 * said in time: then everything is tried, and what fails says why.
 */
export async function readCapabilities(
  vectors: VectorStore,
  maxMs: number,
): Promise<VectorStoreCapabilities | null> {
  let entry = known.get(vectors);
  if (entry === undefined || entry.untilMs < Date.now()) {
    const asked = vectors.capabilities(AbortSignal.timeout(rememberMs)).catch(() => {
      known.delete(vectors);
      return null;
    });
    entry = { asked, untilMs: Date.now() + rememberMs };
    known.set(vectors, entry);
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, maxMs, null);
  });
  try {
    return await Promise.race([entry.asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
