import { Tensor } from 'onnxruntime-node';

/**
 * Numbers of 16 bits (IEEE 754 binary16), as models of half precision take and give them. Node has an array of them
 * only in its newer versions.
 */

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** Rounded to the nearest; what is too large becomes infinite, what is too small becomes 0. */
export function toHalf(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value) => {
    single[0] = value;
    const whole = bits[0] ?? 0;
    const sign = (whole >>> 16) & 0x8000;
    const exponent = ((whole >>> 23) & 0xff) - 112;
    const mantissa = whole & 0x7fffff;
    if (exponent === 143) return sign | 0x7c00 | (mantissa === 0 ? 0 : 0x200);
    if (exponent >= 31) return sign | 0x7c00;
    if (exponent < -10) return sign;
    // Below the smallest normal number the leading 1 is written out and moved to its place.
    const shift = exponent > 0 ? 13 : 14 - exponent;
    const full = exponent > 0 ? (exponent << 23) | mantissa : mantissa | 0x800000;
    const kept = full >>> shift;
    const rest = full & ((1 << shift) - 1);
    const middle = 1 << (shift - 1);
    // Halfway between two, the even one. A carry into the exponent is right as it is.
    const up = rest > middle || (rest === middle && (kept & 1) === 1) ? 1 : 0;
    return sign | (kept + up);
  });
}

/** The same numbers in single precision. */
export function fromHalf(values: ArrayLike<number>): Float32Array {
  return Float32Array.from(values, (half) => {
    const sign = (half & 0x8000) === 0 ? 1 : -1;
    const exponent = (half >>> 10) & 0x1f;
    const mantissa = half & 0x3ff;
    if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    if (exponent === 0) return sign * mantissa * 2 ** -24;
    return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
  });
}

/**
 * A tensor of half precision from the bits of its numbers. Where Node has an array type for them, the runtime makes one
 * of the bits, and its native part cannot read it ("not enough space: expected 768, got 0", onnxruntime-node 1.30 on
 * Node 24): so it is given the bits themselves again.
 */
export const halfTensor = (bits: Uint16Array, shape: readonly number[]): Tensor =>
  Object.assign(new Tensor('float16', bits, shape), { cpuData: bits });
