/**
 * A stream that aborts `controller` as soon as its reader leaves. A generator that waits for its next event
 * takes note of `return()` only afterwards; the signal reaches what it waits for at once.
 */
export function abortable<T>(
  source: AsyncIterable<T>,
  controller: AbortController,
): AsyncIterableIterator<T> & AsyncIterator<T, undefined> {
  const inner = source[Symbol.asyncIterator]();
  let left = false;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (left) return { done: true, value: undefined };
      try {
        const result = await inner.next();
        if (result.done) {
          controller.abort();
          return { done: true, value: undefined };
        }
        return left ? { done: true, value: undefined } : result;
      } catch (error) {
        // What a reader has left cannot fail any more.
        if (left) return { done: true, value: undefined };
        controller.abort();
        throw error;
      }
    },
    async return() {
      left = true;
      controller.abort(new DOMException('The reader has left.', 'AbortError'));
      await inner.return?.();
      return { done: true, value: undefined };
    },
    async throw(error) {
      left = true;
      controller.abort();
      await inner.return?.();
      throw error;
    },
  };
}
