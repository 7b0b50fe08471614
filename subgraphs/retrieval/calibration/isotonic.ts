/**
 * The nearest values, by least squares, that never rise: pool adjacent violators (Ayer, Brunk, Ewing, Reid and Silverman,
 * "An Empirical Distribution Function for Sampling with Incomplete Information", 1955).
 */
export function neverRising(values: readonly number[]): number[] {
  const blocks: { sum: number; count: number }[] = [];
  for (const value of values) {
    let block = { sum: value, count: 1 };
    for (
      let before = blocks.at(-1);
      before !== undefined && before.sum / before.count < block.sum / block.count;
      before = blocks.at(-1)
    ) {
      block = { sum: block.sum + before.sum, count: block.count + before.count };
      blocks.pop();
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ sum, count }) => Array<number>(count).fill(sum / count));
}
