import { workerData } from 'node:worker_threads';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { InferenceOptions, InferenceReady, InferenceRequest } from './inference-messages.ts';
import { openSession } from './open-session.ts';
import { serveCalls } from './serve-calls.ts';

/**
 * The thread that owns the ONNX session. `InferenceSession.run` of onnxruntime-node computes on the thread
 * that calls it, for tens of milliseconds a batch; on the main thread nothing else would go on meanwhile.
 */

const options = workerData as InferenceOptions;
const knownInputs = ['input_ids', 'attention_mask', 'token_type_ids'];

/** Runs texts as one padded batch. @returns shape [texts, dimension], L2-normalised and zero-padded. */
async function encodeTogether(
  session: InferenceSession,
  texts: readonly Int32Array[],
  vectors: Float32Array,
): Promise<void> {
  const length = Math.max(...texts.map((text) => text.length));
  const size = texts.length * length;
  const ids = new BigInt64Array(size).fill(BigInt(options.padId));
  const mask = new BigInt64Array(size);
  for (const [row, text] of texts.entries()) {
    const offset = row * length;
    for (const [column, id] of text.entries()) ids[offset + column] = BigInt(id);
    mask.fill(1n, offset, offset + text.length);
  }
  const shape = [texts.length, length];
  const inputs: Record<string, Tensor> = {
    input_ids: new Tensor('int64', ids, shape),
    attention_mask: new Tensor('int64', mask, shape),
    token_type_ids: new Tensor('int64', new BigInt64Array(size), shape),
  };
  const feeds = Object.fromEntries(
    session.inputNames.flatMap((name) => (inputs[name] === undefined ? [] : [[name, inputs[name]]])),
  );
  const outputs = await session.run(feeds, [outputName(session)]);
  const output = outputs[outputName(session)];
  const width = output?.dims[2];
  if (output === undefined || output.dims.length !== 3 || width === undefined) {
    throw new Error('The model must return the states of all tokens, of shape [batch, tokens, dimension].');
  }
  if (width > options.dimension) {
    throw new Error(
      `The model has ${width} dimensions; at most ${options.dimension} are supported. Use a smaller one.`,
    );
  }
  const states = output.data as Float32Array;
  for (const [row, text] of texts.entries()) {
    const vector = vectors.subarray(row * options.dimension, row * options.dimension + width);
    const pooled = options.pooling === 'cls' ? 1 : text.length;
    for (let token = 0; token < pooled; token++) {
      const offset = (row * length + token) * width;
      for (let index = 0; index < width; index++) {
        vector[index] = (vector[index] ?? 0) + (states[offset + index] ?? 0);
      }
    }
    let squares = 0;
    for (const value of vector) squares += value * value;
    const norm = Math.sqrt(squares) || 1;
    for (let index = 0; index < width; index++) vector[index] = (vector[index] ?? 0) / norm;
  }
}

const outputName = (session: InferenceSession) =>
  session.outputNames.find((name) => name === 'last_hidden_state' || name === 'token_embeddings') ??
  session.outputNames[0] ??
  '';

/**
 * Dynamically quantised models scale their activations by the largest one of the whole batch: there a text's
 * vector depends on its neighbours. Two texts show whether this is such a model.
 */
async function isIndependentOfBatch(session: InferenceSession): Promise<boolean> {
  const [short, long] = options.samples;
  const alone = new Float32Array(options.dimension);
  const together = new Float32Array(2 * options.dimension);
  await encodeTogether(session, [short], alone);
  await encodeTogether(session, [short, long], together);
  return alone.every((value, index) => Math.abs(value - (together[index] ?? 0)) < 1e-5);
}

/** The texts of a request, as views of it. */
function textsOf({ tokens, lengths }: InferenceRequest): Int32Array[] {
  const texts: Int32Array[] = [];
  let offset = 0;
  for (const length of lengths) texts.push(tokens.subarray(offset, (offset += length)));
  return texts;
}

serveCalls<InferenceRequest, InferenceReady, Float32Array>(async () => {
  const { session, provider, refused } = await openSession(options);
  const unknown = session.inputNames.filter((name) => !knownInputs.includes(name));
  if (unknown.length > 0) {
    throw new Error(`The model asks for ${unknown.join(', ')}; supported are ${knownInputs.join(', ')}.`);
  }
  const independentOfBatch = await isIndependentOfBatch(session);
  return {
    ready: { executionProvider: provider, refused, independentOfBatch },
    async answer(request) {
      const { dimension } = options;
      const texts = textsOf(request);
      const vectors = new Float32Array(texts.length * dimension);
      if (independentOfBatch) await encodeTogether(session, texts, vectors);
      else {
        for (const [row, text] of texts.entries()) {
          await encodeTogether(session, [text], vectors.subarray(row * dimension, (row + 1) * dimension));
        }
      }
      return { result: vectors, transfer: [vectors.buffer] };
    },
    close: () => session.release(),
  };
});
