import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { FromInference, InferenceOptions, ToInference } from './inference-messages.ts';

/**
 * The thread that owns the ONNX session. `InferenceSession.run` of onnxruntime-node computes on the thread
 * that calls it, for tens of milliseconds a batch; on the main thread nothing else would go on meanwhile.
 */

const options = workerData as InferenceOptions;
const port = parentPort;
if (port === null) throw new Error('This file is the entry of a worker thread.');
const send = (message: FromInference, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

const knownInputs = ['input_ids', 'attention_mask', 'token_type_ids'];

async function open(): Promise<{ session: InferenceSession; provider: string; refused: string[] }> {
  const refused: string[] = [];
  for (const provider of options.executionProviders) {
    try {
      const session = await InferenceSession.create(options.weights, {
        executionProviders: [provider],
        intraOpNumThreads: options.threads,
        interOpNumThreads: 1,
        // Threads that have nothing to do sleep. Spinning takes the cores from the database, the vectors and the
        // language model beside it: with other work on two cores a passage took nearly twice as long.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
        // Errors only: what it warns about (nodes left on the CPU) is for its own developers.
        logSeverityLevel: 3,
      });
      return { session, provider, refused };
    } catch (error) {
      refused.push(`${provider}: ${messageOf(error)}`);
    }
  }
  throw new Error(refused.join('; '));
}

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

async function start(port: NonNullable<typeof parentPort>): Promise<void> {
  const { session, provider, refused } = await open();
  const unknown = session.inputNames.filter((name) => !knownInputs.includes(name));
  if (unknown.length > 0) {
    throw new Error(`The model asks for ${unknown.join(', ')}; supported are ${knownInputs.join(', ')}.`);
  }
  const independentOfBatch = await isIndependentOfBatch(session);

  const encode = async (tokens: Int32Array, lengths: Int32Array): Promise<Float32Array<ArrayBuffer>> => {
    const { dimension } = options;
    const vectors = new Float32Array(lengths.length * dimension);
    const texts: Int32Array[] = [];
    let offset = 0;
    for (const length of lengths) texts.push(tokens.subarray(offset, (offset += length)));
    if (independentOfBatch) await encodeTogether(session, texts, vectors);
    else {
      for (const [row, text] of texts.entries()) {
        await encodeTogether(session, [text], vectors.subarray(row * dimension, (row + 1) * dimension));
      }
    }
    return vectors;
  };

  port.on('message', (message: ToInference) => {
    if (message.kind === 'close') {
      void session.release().finally(() => port.close());
      return;
    }
    encode(message.tokens, message.lengths).then(
      (vectors) => send({ kind: 'encoded', id: message.id, vectors }, [vectors.buffer]),
      (error: unknown) => send({ kind: 'refused', id: message.id, message: messageOf(error) }),
    );
  });
  send({ kind: 'ready', executionProvider: provider, refused, independentOfBatch });
}

start(port).catch((error: unknown) => {
  send({ kind: 'failed', message: messageOf(error) });
  port.close();
});
