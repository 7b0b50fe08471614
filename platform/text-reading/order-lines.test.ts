import { describe, expect, it } from 'vitest';
import type { ReadLine } from '../ports/text-reader.ts';
import { orderLines } from './order-lines.ts';

const line = (text: string, left: number, top: number, width = 0.1, height = 0.03): ReadLine => ({
  text,
  box: { left, top, width, height },
  confidence: 1,
});
const order = (lines: readonly ReadLine[], aspect = 1) => orderLines(lines, aspect).map(({ text }) => text);

describe('the order of lines', () => {
  it('is from the top to the bottom, and within a row from left to right', () => {
    const rows = [line('d', 0.6, 0.32), line('b', 0.6, 0.11), line('c', 0.1, 0.3), line('a', 0.1, 0.1)];
    expect(order(rows)).toEqual(['a', 'b', 'c', 'd']);
    // A row that hangs a little is a row all the same.
    expect(order([line('right', 0.7, 0.09), line('left', 0.1, 0.1)])).toEqual(['left', 'right']);
  });

  it('goes down one column of running text before the next, and says what is above and below in its place', () => {
    const wide = 0.4;
    const lines = [
      line('below', 0.05, 0.9, 0.8),
      line('heading', 0.05, 0.05, 0.8),
      ...[1, 2, 3, 4].flatMap((row) => [
        line(`left ${row}`, 0.05, row / 10 + 0.1, wide),
        line(`right ${row}`, 0.55, row / 10 + 0.1, wide),
      ]),
    ];
    expect(order(lines)).toEqual([
      'heading',
      ...[1, 2, 3, 4].map((row) => `left ${row}`),
      ...[1, 2, 3, 4].map((row) => `right ${row}`),
      'below',
    ]);
  });

  it('goes along the rows of short cells', () => {
    const cells = ['Seal', '12', 'Bearing', '3', 'Gasket', '40', 'Belt', '7'].map((text, index) =>
      line(text, index % 2 === 0 ? 0.1 : 0.6, Math.floor(index / 2) / 10, 0.08),
    );
    expect(order(cells)).toEqual(['Seal', '12', 'Bearing', '3', 'Gasket', '40', 'Belt', '7']);
  });

  it('puts together what was taken apart at a space, and nothing else', () => {
    const [joined, apart] = orderLines(
      [line('of the pump', 0.31, 0.1, 0.2), line('The seal', 0.1, 0.1, 0.2), line('12', 0.8, 0.1, 0.05)],
      1,
    );
    expect(joined).toMatchObject({ text: 'The seal of the pump', box: { left: 0.1 } });
    expect(joined?.box.width).toBeCloseTo(0.41, 9);
    expect(apart?.text).toBe('12');
  });
});
