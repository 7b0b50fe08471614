import { Tensor } from 'onnxruntime-node';

/**
 * A tensor of half precision from the bits of its numbers. Where Node has an array type for them, the runtime makes one
 * of the bits, and its native part cannot read it ("not enough space: expected 768, got 0", onnxruntime-node 1.30 on
 * Node 24): so it is given the bits themselves again.
 */
export const halfTensor = (bits: Uint16Array, shape: readonly number[]): Tensor =>
  Object.assign(new Tensor('float16', bits, shape), { cpuData: bits });
