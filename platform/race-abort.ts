/**
 * The result of some work, or the signal's reason as soon as it is aborted: for work that cannot be
 * interrupted itself. It is not begun under an aborted signal; begun, it ends by itself, unheeded.
 */
export async function raceAbort<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  const result = work();
  if (signal === undefined) return result;
  let onAbort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
