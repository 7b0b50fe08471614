import { Tensor } from 'onnxruntime-node';
import { fromHalf, halfTensor, toHalf } from '../encoder/half-precision.ts';

/** A tensor of the type that a model asks for: 32 bits, or 16. */
export function floatTensor(type: string, values: Float32Array, shape: readonly number[]): Tensor {
  if (type !== 'float16') return new Tensor('float32', values, shape);
  return halfTensor(toHalf(values), shape);
}

/** The values of a tensor of 32 or of 16 bits. */
export function floatsOf(tensor: Tensor): Float32Array {
  if (tensor.type === 'float32') return tensor.data as Float32Array;
  if (tensor.type !== 'float16')
    throw new Error(`The model returns ${tensor.type}; float32 or float16 is expected.`);
  const { data } = tensor;
  // A runtime that has arrays of 16-bit numbers gives one of these.
  return data instanceof Uint16Array ? fromHalf(data) : Float32Array.from(data as ArrayLike<number>);
}
