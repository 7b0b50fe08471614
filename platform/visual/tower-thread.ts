import { workerData } from 'node:worker_threads';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { fromHalf, halfTensor, toHalf } from '../encoder/half-precision.ts';
import { openSession } from '../encoder/open-session.ts';
import { serveCalls } from '../encoder/serve-calls.ts';
import type { TowerOptions, TowerReady, TowerRequest } from './tower-messages.ts';

/** The thread that owns one tower of a visual encoder: the runtime computes on the thread that calls it. */

const options = workerData as TowerOptions;
const knownInputs = ['pixel_values', 'input_ids', 'attention_mask'];

type Metadata = Extract<InferenceSession.ValueMetadata, { isTensor: true }>;

/** What the model says of an input, where it has it. */
const inputOf = (session: InferenceSession, name: string): Metadata | undefined =>
  session.inputMetadata.find((input): input is Metadata => input.isTensor && input.name === name);

/** Numbers as a tensor of the type that an input has. */
function tensorOf(session: InferenceSession, name: string, values: Float32Array, shape: number[]): Tensor {
  return inputOf(session, name)?.type === 'float16'
    ? halfTensor(toHalf(values), shape)
    : new Tensor('float32', values, shape);
}

function integersOf(session: InferenceSession, name: string, values: Int32Array, shape: number[]): Tensor {
  return inputOf(session, name)?.type === 'int32'
    ? new Tensor('int32', values, shape)
    : new Tensor('int64', BigInt64Array.from(values, BigInt), shape);
}

function pictureFeeds(
  session: InferenceSession,
  values: Float32Array,
  count: number,
): Record<string, Tensor> {
  const shape = [count, 3, options.height, options.width];
  return { pixel_values: tensorOf(session, 'pixel_values', values, shape) };
}

function textFeeds(session: InferenceSession, texts: readonly Int32Array[]): Record<string, Tensor> {
  // Exports that were traced without a dynamic length take no other.
  const fixed = inputOf(session, 'input_ids')?.shape[1];
  const longest = texts.reduce((length, text) => Math.max(length, text.length), 1);
  const length = typeof fixed === 'number' ? fixed : (options.padTo ?? longest);
  const ids = new Int32Array(texts.length * length).fill(options.padId);
  const mask = new Int32Array(ids.length).fill(options.attendsToPadding ? 1 : 0);
  for (const [row, text] of texts.entries()) {
    ids.set(text.subarray(0, length), row * length);
    mask.fill(1, row * length, row * length + Math.min(text.length, length));
  }
  const shape = [texts.length, length];
  return {
    input_ids: integersOf(session, 'input_ids', ids, shape),
    attention_mask: integersOf(session, 'attention_mask', mask, shape),
  };
}

/** One of what is to be encoded. */
type Item = Float32Array | Int32Array;

/** What a request asks for, one by one, as views of it. */
function itemsOf(request: TowerRequest): Item[] {
  if (request.kind === 'pictures') {
    const size = request.values.length / request.count;
    return Array.from({ length: request.count }, (_, index) =>
      request.values.subarray(index * size, (index + 1) * size),
    );
  }
  let offset = 0;
  return Array.from(request.lengths, (length) => request.tokens.subarray(offset, (offset += length)));
}

/** What the model is fed with. A model that has both towers in one gets the least of the other one's. */
function feedsOf(session: InferenceSession, items: readonly Item[]): Record<string, Tensor> {
  const pictures = items.filter((item) => item instanceof Float32Array);
  const texts = items.filter((item) => item instanceof Int32Array);
  const size = 3 * options.height * options.width;
  const values = new Float32Array(Math.max(1, pictures.length) * size);
  for (const [index, picture] of pictures.entries()) values.set(picture, index * size);
  const all: Record<string, Tensor> = {
    ...(inputOf(session, 'pixel_values') && pictureFeeds(session, values, Math.max(1, pictures.length))),
    ...(inputOf(session, 'input_ids') &&
      textFeeds(session, texts.length > 0 ? texts : [Int32Array.of(options.padId)])),
  };
  return Object.fromEntries(
    session.inputNames.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])),
  );
}

/** Runs as one batch. @param vectors of shape [items, dimension]: what comes out goes there, L2-normalised. */
async function encodeTogether(
  session: InferenceSession,
  name: string,
  items: readonly Item[],
  vectors: Float32Array,
): Promise<void> {
  const output = (await session.run(feedsOf(session, items), [name]))[name];
  const width = output?.dims[1];
  if (output === undefined || output.dims.length !== 2 || width === undefined) {
    throw new Error(`The model's "${name}" must have the shape [batch, dimension].`);
  }
  if (width > options.dimension) {
    throw new Error(
      `The model has ${width} dimensions; at most ${options.dimension} are supported. Use a smaller one.`,
    );
  }
  const raw = output.data as Float32Array | Uint16Array;
  // Where Node has an array of half precision, the values are numbers already.
  const values = raw instanceof Uint16Array ? fromHalf(raw) : raw;
  for (let row = 0; row < items.length; row++) {
    let squares = 0;
    for (let index = 0; index < width; index++) squares += (values[row * width + index] ?? 0) ** 2;
    const norm = Math.sqrt(squares);
    if (!(norm > 0 && norm < Number.POSITIVE_INFINITY)) throw new Error('The model gave no usable vector.');
    for (let index = 0; index < width; index++) {
      vectors[row * options.dimension + index] = (values[row * width + index] ?? 0) / norm;
    }
  }
}

/** How far the cosine of two vectors of the same thing may be from 1: more than rounding in half precision makes. */
const tolerance = 1e-5;

/**
 * Dynamically quantised models scale their activations by the largest one of the whole batch: there a vector depends
 * on its neighbours. Two samples show whether this is such a model.
 */
async function isIndependentOfBatch(session: InferenceSession, name: string): Promise<boolean> {
  const items = itemsOf(options.samples);
  const [input] = session.inputMetadata;
  // Exports that were traced without a dynamic batch take no other.
  if (input?.isTensor && input.shape[0] === 1) return false;
  const together = new Float32Array(items.length * options.dimension);
  await encodeTogether(session, name, items, together);
  for (const [row, item] of items.entries()) {
    const alone = new Float32Array(options.dimension);
    await encodeTogether(session, name, [item], alone);
    const cosine = alone.reduce(
      (sum, value, index) => sum + value * (together[row * options.dimension + index] ?? 0),
      0,
    );
    if (cosine < 1 - tolerance) return false;
  }
  return true;
}

serveCalls<TowerRequest, TowerReady, Float32Array>(async () => {
  const { session, provider, refused } = await openSession(options);
  const unknown = session.inputNames.filter((name) => !knownInputs.includes(name));
  if (unknown.length > 0) {
    throw new Error(`The model asks for ${unknown.join(', ')}; supported are ${knownInputs.join(', ')}.`);
  }
  const name = options.outputs.find((output) => session.outputNames.includes(output));
  if (name === undefined) {
    throw new Error(
      `The model gives ${session.outputNames.join(', ')}; one of ${options.outputs.join(', ')} is wanted.`,
    );
  }
  const independentOfBatch = await isIndependentOfBatch(session, name);
  return {
    ready: { executionProvider: provider, refused, independentOfBatch },
    async answer(request) {
      const { dimension } = options;
      const items = itemsOf(request);
      const vectors = new Float32Array(items.length * dimension);
      if (independentOfBatch) await encodeTogether(session, name, items, vectors);
      else {
        for (const [row, item] of items.entries()) {
          await encodeTogether(
            session,
            name,
            [item],
            vectors.subarray(row * dimension, (row + 1) * dimension),
          );
        }
      }
      return { result: vectors, transfer: [vectors.buffer] };
    },
    close: () => session.release(),
  };
});
