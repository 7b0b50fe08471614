/**
 * Cuts a stream of bytes into pieces of the same size, each in memory of its own. The last one may be shorter.
 *
 * @param bytes of each piece.
 */
export async function* cutStream(
  stream: AsyncIterable<Uint8Array>,
  bytes: number,
): AsyncGenerator<Uint8Array> {
  let piece = new Uint8Array(bytes);
  let filled = 0;
  for await (const chunk of stream) {
    for (let start = 0; start < chunk.length; ) {
      const taken = chunk.subarray(start, start + bytes - filled);
      piece.set(taken, filled);
      filled += taken.length;
      start += taken.length;
      if (filled < bytes) continue;
      yield piece;
      piece = new Uint8Array(bytes);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}
