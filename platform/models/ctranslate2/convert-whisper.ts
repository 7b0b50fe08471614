import { createOnnxGraph, elements, type OnnxGraph, type ValueType } from './onnx-graph.ts';
import { createLayers, type Layers } from './quantized-layers.ts';
import { type CTranslate2Model, readCTranslate2 } from './read-ctranslate2.ts';

/** What a Whisper model is made of on the hub: an encoder, a decoder of the first step, and one of those after it. */
export type WhisperPart = 'encoder' | 'decoder' | 'decoder-with-past';

/**
 * Makes one ONNX file of the hub's layout from a Whisper model in the format of CTranslate2, with weights in eight bits.
 * The same model makes the same bytes, so that the result can be held to a hash.
 *
 * @throws Error when the bytes are no Whisper model of CTranslate2.
 */
export function convertWhisper(bytes: Buffer, part: WhisperPart): Buffer {
  const model = readCTranslate2(bytes);
  if (model.specification !== 'WhisperSpec') {
    throw new Error(`The CTranslate2 model is a ${model.specification}, and no Whisper model.`);
  }
  return part === 'encoder' ? encoder(model) : decoder(model, part === 'decoder');
}

/** How often a layer of this name is there. */
function countLayers(model: CTranslate2Model, stack: 'encoder' | 'decoder'): number {
  let count = 0;
  while (model.has(`${stack}/layer_${count}/ffn/layer_norm/gamma`)) count++;
  return count;
}

function shapeOf(model: CTranslate2Model, stack: 'encoder' | 'decoder') {
  const [heads = 1] = model.weight(`${stack}/num_heads`).values;
  const { dims, values } = model.weight(`${stack}/position_encodings/encodings`);
  const [length = 0, width = 0] = dims;
  return { heads, width, size: width / heads, length, positions: values, layers: countLayers(model, stack) };
}

/** Queries, keys and values of a token's own text, which are made at once. */
function selfProjections(graph: OnnxGraph, layers: Layers, input: string, name: string): string[] {
  const all = layers.linear(layers.layerNorm(input, `${name}/layer_norm`), `${name}/linear_0`);
  return graph.ops('Split', [all], 3, { axis: -1 }).map((one) => layers.splitHeads(one));
}

function encoder(model: CTranslate2Model): Buffer {
  const graph = createOnnxGraph();
  const shape = shapeOf(model, 'encoder');
  const layers = createLayers(graph, model, shape.heads, shape.size);
  const convolve = (input: string, name: string, stride: number) => {
    const weight = model.weight(`${name}/weight`);
    const bias = model.weight(`${name}/bias`);
    const inputs = [input, graph.floats(weight.values, weight.dims), graph.floats(bias.values, bias.dims)];
    return layers.gelu(
      graph.op('Conv', inputs, {
        kernel_shape: [3],
        pads: [1, 1],
        strides: [stride],
        dilations: [1],
        group: 1,
      }),
    );
  };
  const heard = convolve(convolve('input_features', 'encoder/conv1', 1), 'encoder/conv2', 2);
  let state = graph.op('Add', [
    graph.op('Transpose', [heard], { perm: [0, 2, 1] }),
    graph.floats(shape.positions, [shape.length, shape.width]),
  ]);
  for (let index = 0; index < shape.layers; index++) {
    const name = `encoder/layer_${index}`;
    const [query = '', key = '', value = ''] = selfProjections(
      graph,
      layers,
      state,
      `${name}/self_attention`,
    );
    const mixed = layers.attend(query, key, value, null);
    state = graph.op('Add', [state, layers.linear(mixed, `${name}/self_attention/linear_1`)]);
    state = layers.feedForward(state, `${name}/ffn`);
  }
  graph.op('Identity', [layers.layerNorm(state, 'encoder/layer_norm')], {}, 'last_hidden_state');
  const [, bins = 80] = model.weight('encoder/conv1/weight').dims;
  return graph.write(
    [{ name: 'input_features', element: elements.float32, dims: [1, bins, 2 * shape.length] }],
    [{ name: 'last_hidden_state', element: elements.float32, dims: [1, shape.length, shape.width] }],
  );
}

function decoder(model: CTranslate2Model, isFirst: boolean): Buffer {
  const graph = createOnnxGraph();
  const shape = shapeOf(model, 'decoder');
  const layers = createLayers(graph, model, shape.heads, shape.size);
  const embeddings = model.weight('decoder/embeddings/weight');
  const [vocabulary = 0] = embeddings.dims;
  const matrix = layers.matrix(embeddings);
  const cache = (name: string, length: string): ValueType => ({
    ...{ name, element: elements.float32, dims: [1, shape.heads, length, shape.size] },
  });
  const inputs: ValueType[] = [{ name: 'input_ids', element: elements.int64, dims: [1, 'tokens'] }];
  const outputs: ValueType[] = [
    { name: 'logits', element: elements.float32, dims: [1, 'tokens', vocabulary] },
  ];
  const states = 'encoder_hidden_states';
  if (isFirst) inputs.push({ name: states, element: elements.float32, dims: [1, 'frames', shape.width] });

  // Where in the text the tokens are: behind those of the cache.
  const zero = graph.integers(0);
  const lengthOf = (value: string, axis: number) =>
    graph.op('Gather', [graph.op('Shape', [value]), graph.integers(axis)], { axis: 0 });
  const begin = isFirst ? zero : lengthOf('past_key_values.0.decoder.key', 2);
  const end = graph.op('Add', [begin, lengthOf('input_ids', 1)]);
  const step = graph.integers(1);
  const places = graph.op('Range', [begin, end, step]);
  const all = graph.op('Range', [zero, end, step]);
  // No token sees those after it.
  const later = graph.op('Less', [graph.op('Unsqueeze', [places, graph.integers([1])]), all]);
  const mask = graph.op('Where', [
    later,
    graph.floats(Float32Array.of(Number.NEGATIVE_INFINITY), []),
    graph.floats(Float32Array.of(0), []),
  ]);
  const positions = graph.floats(shape.positions, [shape.length, shape.width]);
  let state = graph.op('Add', [
    layers.look('input_ids', matrix),
    graph.op('Gather', [positions, places], { axis: 0 }),
  ]);

  for (let index = 0; index < shape.layers; index++) {
    const name = `decoder/layer_${index}`;
    const own = `${name}/self_attention`;
    const [query = '', ...fresh] = selfProjections(graph, layers, state, own);
    const [key = '', value = ''] = ['key', 'value'].map((kind, at) => {
      const past = `past_key_values.${index}.decoder.${kind}`;
      const present = `present.${index}.decoder.${kind}`;
      outputs.push(cache(present, 'all_tokens'));
      if (isFirst) return graph.op('Identity', [fresh[at] ?? ''], {}, present);
      inputs.push(cache(past, 'past_tokens'));
      return graph.op('Concat', [past, fresh[at] ?? ''], { axis: 2 }, present);
    });
    const mixed = layers.attend(query, key, value, mask);
    state = graph.op('Add', [state, layers.linear(mixed, `${own}/linear_1`)]);

    const heard = `${name}/attention`;
    const asked = layers.linear(layers.layerNorm(state, `${heard}/layer_norm`), `${heard}/linear_0`);
    const made = isFirst
      ? graph.ops('Split', [layers.linear(states, `${heard}/linear_1`)], 2, { axis: -1 })
      : [];
    const [soundKey = '', soundValue = ''] = ['key', 'value'].map((kind, at) => {
      if (isFirst) {
        const present = `present.${index}.encoder.${kind}`;
        outputs.push(cache(present, 'frames'));
        return graph.op('Identity', [layers.splitHeads(made[at] ?? '')], {}, present);
      }
      const past = `past_key_values.${index}.encoder.${kind}`;
      inputs.push(cache(past, 'frames'));
      return past;
    });
    const found = layers.attend(layers.splitHeads(asked), soundKey, soundValue, null);
    state = graph.op('Add', [state, layers.linear(found, `${heard}/linear_2`)]);
    state = layers.feedForward(state, `${name}/ffn`);
  }
  const logits = layers.multiply(layers.layerNorm(state, 'decoder/layer_norm'), matrix);
  graph.op('Identity', [logits], {}, 'logits');
  return graph.write(inputs, outputs);
}
