/** A stretch between two times of a transcript, in steps of 20 ms from the beginning of the window. */
export interface TokenSegment {
  readonly start: number;
  readonly end: number;
  readonly tokens: readonly number[];
}

/**
 * Cuts what was written for one window at its pairs of times, as OpenAI's `transcribe.py` does.
 *
 * @param length of the window's sound, in steps of 20 ms.
 * @returns the segments, and where the next window begins: behind the last segment that is complete. What was begun and
 * not ended is heard again there.
 */
export function splitSegments(
  written: readonly number[],
  firstTimestamp: number,
  length: number,
): { readonly segments: TokenSegment[]; readonly advance: number } {
  const isTime = (token: number | undefined): boolean => token !== undefined && token >= firstTimestamp;
  const timeOf = (token: number | undefined): number => (token ?? firstTimestamp) - firstTimestamp;
  const cuts = written.flatMap((token, index) =>
    isTime(token) && isTime(written[index - 1]) ? [index] : [],
  );
  const endsWithOneTime = isTime(written.at(-1)) && !isTime(written.at(-2));
  const words = (tokens: readonly number[]) => tokens.filter((token) => !isTime(token));

  if (cuts.length === 0) {
    const times = written.filter(isTime);
    const start = isTime(written[0]) ? timeOf(written[0]) : 0;
    const last = timeOf(times.at(-1));
    const end = times.length > 0 && last > start ? last : length;
    return { segments: [{ start, end, tokens: words(written) }], advance: length };
  }
  const segments: TokenSegment[] = [];
  let from = 0;
  for (const to of endsWithOneTime ? [...cuts, written.length] : cuts) {
    const part = written.slice(from, to);
    segments.push({ start: timeOf(part[0]), end: timeOf(part.at(-1)), tokens: words(part) });
    from = to;
  }
  const advance = endsWithOneTime ? length : timeOf(written[from - 1]);
  return { segments, advance };
}
