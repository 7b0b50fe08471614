import { once } from 'node:events';
import type { FromInference, InferenceOptions, InferenceReady, ToInference } from './inference-messages.ts';
import { startThread } from './start-thread.ts';

/** A model that runs on a thread of its own. */
export interface Inference extends AsyncDisposable {
  readonly executionProvider: string;
  readonly refused: readonly string[];
  readonly independentOfBatch: boolean;
  /** Whether its thread runs; one that has died stays dead. */
  readonly alive: boolean;
  /**
   * Encodes a batch of token ids. Batches run one behind the other.
   *
   * @returns one vector of shape [dimension] per text, L2-normalised.
   * @throws Error when the model fails or its thread has died.
   */
  run(texts: readonly Int32Array[]): Promise<Float32Array[]>;
}

interface Waiting {
  resolve(vectors: Float32Array): void;
  reject(error: Error): void;
}

/**
 * Loads a model on a thread of its own.
 *
 * @throws Error that says why it could not be loaded.
 */
export async function startInference(options: InferenceOptions): Promise<Inference> {
  const thread = startThread('inference-thread', options);
  const waiting = new Map<number, Waiting>();
  let closed: Error | null = null;
  const exited = once(thread, 'exit');
  const post = (message: ToInference, transfer: ArrayBuffer[] = []) => thread.postMessage(message, transfer);
  const close = (error: Error) => {
    closed ??= error;
    for (const { reject } of waiting.values()) reject(closed);
    waiting.clear();
  };

  const ready = await new Promise<InferenceReady>((resolve, reject) => {
    thread.on('message', (message: FromInference) => {
      if (message.kind === 'ready') resolve(message);
      else if (message.kind === 'failed') reject(new Error(message.message));
      else {
        const call = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.kind === 'encoded') call?.resolve(message.vectors);
        else call?.reject(new Error(message.message));
      }
    });
    thread.on('error', (error) => {
      close(error);
      reject(error);
    });
    thread.on('exit', (code) => {
      close(new Error(`The encoder's thread has ended (code ${code}).`));
      reject(closed);
    });
  });

  let next = 0;
  return {
    executionProvider: ready.executionProvider,
    refused: ready.refused,
    independentOfBatch: ready.independentOfBatch,
    get alive() {
      return closed === null;
    },
    async run(texts) {
      if (closed !== null) throw closed;
      const lengths = Int32Array.from(texts, (text) => text.length);
      const tokens = new Int32Array(lengths.reduce((sum, length) => sum + length, 0));
      let offset = 0;
      for (const text of texts) {
        tokens.set(text, offset);
        offset += text.length;
      }
      const id = next++;
      const vectors = await new Promise<Float32Array>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        post({ kind: 'encode', id, tokens, lengths }, [tokens.buffer, lengths.buffer]);
      });
      const { dimension } = options;
      return texts.map((_, row) => vectors.slice(row * dimension, (row + 1) * dimension));
    },
    async [Symbol.asyncDispose]() {
      if (closed === null) post({ kind: 'close' });
      await exited;
    },
  };
}
