import type { Part } from '../types.ts';

/** Where on the timeline a part begins, in milliseconds; what has no place on it comes last. */
function startOf(part: Part): number {
  const locator = 'locator' in part ? part.locator : null;
  return locator?.kind === 'TimeSpan' ? locator.startMs : Number.POSITIVE_INFINITY;
}

/**
 * The parts of several streams as one, each time the one that begins first of those that come next. The streams are
 * read at the same time, each one part ahead, so that what one waits for does not hold up another one.
 */
export async function* mergeByStart(streams: readonly AsyncIterable<Part>[]): AsyncGenerator<Part> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  const heads = new Map(iterators.map((iterator) => [iterator, ahead(iterator)]));
  try {
    while (heads.size > 0) {
      let first: { iterator: AsyncIterator<Part>; part: Part } | null = null;
      for (const [iterator, head] of heads) {
        const { done, value: part } = await head;
        if (done === true) heads.delete(iterator);
        else if (first === null || startOf(part) < startOf(first.part)) first = { iterator, part };
      }
      if (first === null) continue;
      heads.set(first.iterator, ahead(first.iterator));
      yield first.part;
    }
  } finally {
    await Promise.allSettled(iterators.map((iterator) => iterator.return?.()));
  }
}

/** The next part; where reading it fails, whoever waits for it hears of it. */
function ahead(iterator: AsyncIterator<Part>): Promise<IteratorResult<Part, unknown>> {
  const next = iterator.next();
  next.catch(() => undefined);
  return next;
}
