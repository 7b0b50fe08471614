/** The value below which the share `quantile` (0 to 1) of the values lies, interpolated. @throws RangeError without values. */
export function percentile(values: readonly number[], quantile: number): number {
  if (values.length === 0) throw new RangeError('There is no percentile of nothing.');
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * quantile;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}

/** The middle value. @throws RangeError without values. */
export const median = (values: readonly number[]): number => percentile(values, 0.5);
