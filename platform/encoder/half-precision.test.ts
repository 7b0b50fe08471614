import { describe, expect, it } from 'vitest';
import { fromHalf, toHalf } from './half-precision.ts';

describe('half precision', () => {
  it('has the bits of the standard', () => {
    const known: [number, number][] = [
      [0, 0x0000],
      [1, 0x3c00],
      [-2, 0xc000],
      [1 / 3, 0x3555],
      [65504, 0x7bff],
      [2 ** -14, 0x0400],
      [2 ** -24, 0x0001],
      [Number.POSITIVE_INFINITY, 0x7c00],
      [1e6, 0x7c00],
      [1e-9, 0x0000],
    ];
    expect([...toHalf(Float32Array.from(known, ([value]) => value))]).toEqual(known.map(([, bits]) => bits));
  });

  it('gives every number back that it has', () => {
    const bits = Uint16Array.from({ length: 0x7c00 }, (_, index) => index);
    expect(toHalf(fromHalf(bits))).toEqual(bits);
    expect(fromHalf([0x7e00])[0]).toBeNaN();
  });

  it('rounds to the nearest, and to the even one of two', () => {
    const values = Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -20, 1.5 * 2 ** -24);
    expect([...toHalf(values)]).toEqual([0x3c00, 0x3c02, 0x3c01, 0x0002]);
  });
});
