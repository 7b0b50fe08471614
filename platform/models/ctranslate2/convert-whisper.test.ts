import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { convertWhisper } from './convert-whisper.ts';
import { createOnnxGraph, elements } from './onnx-graph.ts';
import { createLayers } from './quantized-layers.ts';
import { readCTranslate2 } from './read-ctranslate2.ts';

interface Written {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** A model as CTranslate2 writes it. */
function write(
  specification: string,
  variables: readonly Written[],
  others: readonly string[][] = [],
): Buffer {
  const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
  const text = (value: string) => {
    const bytes = Buffer.from(`${value}\0`);
    return Buffer.concat([Buffer.from(Uint16Array.of(bytes.length).buffer), bytes]);
  };
  return Buffer.concat([
    ...[u32(6), text(specification), u32(3), u32(variables.length)],
    ...variables.flatMap(({ name, dims, type, bytes }) => [
      ...[text(name), Buffer.of(dims.length), ...dims.map(u32)],
      ...[Buffer.of(type), u32(bytes.length), bytes],
    ]),
    ...[u32(others.length), ...others.flatMap((pair) => pair.map(text))],
  ]);
}

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

describe('a model of CTranslate2', () => {
  it('is read in every type of numbers, by every name', () => {
    const halves = new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x0001).buffer);
    const model = readCTranslate2(
      write(
        'WhisperSpec',
        [
          {
            name: 'a/weight',
            dims: [2, 2],
            type: 1,
            bytes: new Uint8Array(Int8Array.of(127, -64, 10, 5).buffer),
          },
          { name: 'a/weight_scale', dims: [2], type: 0, bytes: floats(127, 10) },
          { name: 'b', dims: [4], type: 4, bytes: halves },
          { name: 'c', dims: [], type: 2, bytes: Uint8Array.of(6, 0) },
        ],
        [['d', 'b']],
      ),
    );
    expect(model.weight('a/weight').values).toEqual(Float32Array.of(1, -64 / 127, 1, 0.5));
    expect(model.weight('b').values).toEqual(Float32Array.of(1, -2, 0.5, 2 ** -24));
    expect(model.weight('d').values).toEqual(model.weight('b').values);
    expect(model.weight('c').values[0]).toBe(6);
    expect(() => model.weight('e')).toThrow('has no e');
  });

  it('that is cut off, of another version or no Whisper model is refused', () => {
    const whole = write('WhisperSpec', [{ name: 'a', dims: [2], type: 0, bytes: floats(1, 2) }]);
    expect(() => readCTranslate2(whole.subarray(0, whole.length - 8))).toThrow('ends before');
    expect(() => readCTranslate2(Buffer.from('<!doctype html>'))).toThrow('no CTranslate2 model');
    expect(() => convertWhisper(write('TransformerSpec', []), 'encoder')).toThrow('no Whisper model');
  });
});

it('multiplies by weights in eight bits, and looks their rows up', async () => {
  const rows = [3, -1, 0.5, 2, 0.25, -4];
  const model = readCTranslate2(write('', [{ name: 'w', dims: [3, 2], type: 0, bytes: floats(...rows) }]));
  const graph = createOnnxGraph();
  const layers = createLayers(graph, model, 1, 2);
  const matrix = layers.matrix(model.weight('w'));
  graph.op('Identity', [layers.multiply('x', matrix)], {}, 'product');
  graph.op('Identity', [layers.look('at', matrix)], {}, 'rows');
  const bytes = graph.write(
    [
      { name: 'x', element: elements.float32, dims: [1, 'tokens', 2] },
      { name: 'at', element: elements.int64, dims: [1, 'tokens'] },
    ],
    [
      { name: 'product', element: elements.float32, dims: [1, 'tokens', 3] },
      { name: 'rows', element: elements.float32, dims: [1, 'tokens', 2] },
    ],
  );
  const session = await InferenceSession.create(bytes);
  try {
    const { product, rows: found } = await session.run({
      x: new Tensor('float32', Float32Array.of(1, 0, -1, 2), [1, 2, 2]),
      at: new Tensor('int64', BigInt64Array.of(2n, 0n), [1, 2]),
    });
    const wanted = [3, 0.5, 0.25, -5, 3.5, -8.25];
    for (const [i, value] of wanted.entries()) expect(product?.data[i]).toBeCloseTo(value, 0.9);
    for (const [i, value] of [0.25, -4, 3, -1].entries()) expect(found?.data[i]).toBeCloseTo(value, 1);
  } finally {
    await session.release();
  }
});
