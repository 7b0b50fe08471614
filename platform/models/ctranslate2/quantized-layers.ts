import type { OnnxGraph } from './onnx-graph.ts';
import type { CTranslate2Model, Weight } from './read-ctranslate2.ts';

/** Layers of a transformer in ONNX, with the weights of a CTranslate2 model. Names are those of the model. */
export interface Layers {
  /** x · weightᵀ + bias in eight bits, for activations whose last dimension is the weight's width. */
  linear(input: string, name: string): string;
  layerNorm(input: string, name: string): string;
  /** Two linear layers with GELU between, added to what went in. */
  feedForward(input: string, name: string): string;
  /** [1, tokens, width] to [1, heads, tokens, size]. */
  splitHeads(input: string): string;
  /**
   * softmax(q · kᵀ / √size + mask) · v, with the heads joined again.
   *
   * @param mask added to the scores; null where everything may be seen.
   */
  attend(query: string, key: string, value: string, mask: string | null): string;
  gelu(input: string): string;
  /** A matrix in eight bits, turned on its side, for `multiply` and for looking up its rows. */
  matrix(weight: Weight): Matrix;
  multiply(input: string, matrix: Matrix): string;
  /** Rows of the matrix as it was before it was turned, for indices of shape [1, tokens]. */
  look(indices: string, matrix: Matrix): string;
}

/** Eight bits without a sign, 128 for zero, and a scale for each column. */
export interface Matrix {
  readonly values: string;
  readonly scales: string;
}

const zero = 128;

/**
 * Weights are stored in eight bits with a scale for each output, and activations are brought to eight bits where they
 * are multiplied, as in the hub's quantized exports. Weights have no sign: the kernels for signed ones may overflow on
 * processors without dot products of eight bits.
 */
export function createLayers(graph: OnnxGraph, model: CTranslate2Model, heads: number, size: number): Layers {
  const zeroPoint = graph.bytes(Uint8Array.of(zero), []);
  const zeroFloat = graph.floats(Float32Array.of(zero), []);
  const half = graph.floats(Float32Array.of(0.5), []);
  const one = graph.floats(Float32Array.of(1), []);
  const root = graph.floats(Float32Array.of(Math.SQRT2), []);
  const scale = graph.floats(Float32Array.of(1 / Math.sqrt(size)), []);
  const split = graph.integers([1, -1, heads, size]);
  const joined = graph.integers([1, -1, heads * size]);
  const vector = (name: string) => {
    const { values, dims } = model.weight(name);
    return graph.floats(values, dims);
  };

  const layers: Layers = {
    matrix({ values, dims }) {
      const [rows = 0, width = 0] = dims;
      const scales = new Float32Array(rows);
      const bytes = new Uint8Array(rows * width);
      for (let row = 0; row < rows; row++) {
        let most = 0;
        for (let i = row * width; i < (row + 1) * width; i++)
          most = Math.max(most, Math.abs(values[i] as number));
        scales[row] = most === 0 ? 1 : most / 127;
      }
      // A block of rows at a time, so that what is written stays near what was written before.
      for (let first = 0; first < rows; first += 64) {
        const last = Math.min(rows, first + 64);
        for (let column = 0; column < width; column++) {
          for (let row = first; row < last; row++) {
            const steps = (values[row * width + column] as number) / (scales[row] as number);
            bytes[column * rows + row] = zero + Math.round(steps);
          }
        }
      }
      return { values: graph.bytes(bytes, [width, rows]), scales: graph.floats(scales, [rows]) };
    },
    multiply(input, { values, scales }) {
      const [bytes = '', step = '', point = ''] = graph.ops('DynamicQuantizeLinear', [input], 3);
      const product = graph.op('MatMulInteger', [bytes, values, point, zeroPoint]);
      const floats = graph.op('Cast', [product], { to: 1 });
      return graph.op('Mul', [floats, graph.op('Mul', [step, scales])]);
    },
    look(indices, { values, scales }) {
      const columns = graph.op('Cast', [graph.op('Gather', [values, indices], { axis: 1 })], { to: 1 });
      const rows = graph.op('Transpose', [graph.op('Sub', [columns, zeroFloat])], { perm: [1, 2, 0] });
      const steps = graph.op('Gather', [scales, indices], { axis: 0 });
      return graph.op('Mul', [rows, graph.op('Unsqueeze', [steps, graph.integers([2])])]);
    },
    linear(input, name) {
      const product = layers.multiply(input, layers.matrix(model.weight(`${name}/weight`)));
      return model.has(`${name}/bias`) ? graph.op('Add', [product, vector(`${name}/bias`)]) : product;
    },
    layerNorm: (input, name) =>
      graph.op('LayerNormalization', [input, vector(`${name}/gamma`), vector(`${name}/beta`)], {
        axis: -1,
        epsilon: { float: 1e-5 },
      }),
    gelu(input) {
      const error = graph.op('Erf', [graph.op('Div', [input, root])]);
      return graph.op('Mul', [graph.op('Mul', [input, graph.op('Add', [error, one])]), half]);
    },
    feedForward(input, name) {
      const wide = layers.linear(layers.layerNorm(input, `${name}/layer_norm`), `${name}/linear_0`);
      return graph.op('Add', [input, layers.linear(layers.gelu(wide), `${name}/linear_1`)]);
    },
    splitHeads: (input) =>
      graph.op('Transpose', [graph.op('Reshape', [input, split])], { perm: [0, 2, 1, 3] }),
    attend(query, key, value, mask) {
      const turned = graph.op('Transpose', [key], { perm: [0, 1, 3, 2] });
      const scores = graph.op('MatMul', [graph.op('Mul', [query, scale]), turned]);
      const seen = mask === null ? scores : graph.op('Add', [scores, mask]);
      const mixed = graph.op('MatMul', [graph.op('Softmax', [seen], { axis: -1 }), value]);
      return graph.op('Reshape', [graph.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }), joined]);
    },
  };
  return layers;
}
