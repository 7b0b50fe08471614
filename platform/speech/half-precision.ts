import { Tensor } from 'onnxruntime-node';
import { halfTensor } from '../encoder/half-tensor.ts';

/** A tensor of the type that a model asks for: 32 bits, or 16. */
export function floatTensor(type: string, values: Float32Array, shape: readonly number[]): Tensor {
  if (type !== 'float16') return new Tensor('float32', values, shape);
  return halfTensor(Uint16Array.from(values, toHalf), shape);
}

/** The values of a tensor of 32 or of 16 bits. */
export function floatsOf(tensor: Tensor): Float32Array {
  if (tensor.type === 'float32') return tensor.data as Float32Array;
  if (tensor.type !== 'float16')
    throw new Error(`The model returns ${tensor.type}; float32 or float16 is expected.`);
  const { data } = tensor;
  // A runtime that has arrays of 16-bit numbers gives one of these.
  return data instanceof Uint16Array
    ? Float32Array.from(data, fromHalf)
    : Float32Array.from(data as ArrayLike<number>);
}

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** IEEE 754 binary16, rounded to the nearest; too large is infinite. */
function toHalf(value: number): number {
  single[0] = value;
  const all = bits[0] ?? 0;
  const sign = (all >>> 16) & 0x8000;
  const exponent = ((all >>> 23) & 0xff) - 112;
  const fraction = all & 0x7fffff;
  if (exponent >= 31) return sign | 0x7c00 | (Number.isNaN(value) ? 0x200 : 0);
  if (exponent <= 0) return sign | Math.round(Math.abs(value) * 2 ** 24);
  // A fraction that is rounded up to a whole carries into the exponent, as it should.
  return sign | ((exponent << 10) + ((fraction + 0x1000) >>> 13));
}

function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
