import { busy, upstream } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { type Encoder, unifiedDimension } from '../ports/encoder.ts';
import { type Metrics, noMetrics } from '../ports/metrics.ts';
import { createBatchQueue } from './batch-queue.ts';
import { readEncoderModel } from './encoder-model.ts';
import { type Inference, startInference } from './inference.ts';

export interface OnnxEncoderOptions {
  /** The model's folder, in the hub's layout. */
  readonly folder: string;
  /** The model's name, for people. */
  readonly model: string;
  /** How many threads one batch uses. */
  readonly threads: number;
  /** The execution providers to try, best first. */
  readonly executionProviders: readonly string[];
  /** The most texts of one batch. */
  readonly batchSize: number;
  /** The most texts that may wait. */
  readonly queueSize: number;
  /** How long a batch of passages that is not full waits for others where nothing is under way; 0 by default. */
  readonly waitMs?: number;
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

/**
 * The most tokens of a batch. A CPU is fastest when a batch stays in its caches (four passages of 170 tokens
 * took a quarter less time each than thirty-two did); other devices want to be filled.
 */
const batchTokensOf = (provider: string) => (provider === 'cpu' ? 768 : 32_768);

const isAlive = async (inference: Promise<Inference> | null) =>
  inference?.then(
    ({ alive }) => alive,
    () => false,
  );

/**
 * A text encoder of the BERT family in ONNX. It computes on a thread of its own; texts of many callers are
 * encoded together. Pooling, longest length and prompts are those of the model's own files. The same text
 * has the same vector whatever it is encoded beside.
 *
 * @throws Error that says which file is missing or wrong, or that no execution provider could be used.
 */
export async function createOnnxEncoder(options: OnnxEncoderOptions): Promise<Encoder> {
  const { folder, model, threads, executionProviders, batchSize, queueSize, logger } = options;
  const { metrics = noMetrics } = options;
  const files = await readEncoderModel(folder);
  const { tokenizer, maxTokens, prompts } = files;
  const start = async (): Promise<Inference> => {
    const inference = await startInference({
      weights: files.weights,
      pooling: files.pooling,
      padId: files.padId,
      threads,
      executionProviders,
      dimension: unifiedDimension,
      samples: [
        tokenizer.encode('A test.', maxTokens),
        tokenizer.encode('The quick brown fox jumps over the lazy dog.', maxTokens),
      ],
    });
    for (const reason of inference.refused) {
      logger.warn({ reason }, 'an execution provider cannot be used');
    }
    return inference;
  };
  const first = await start();
  let inference: Promise<Inference> | null = Promise.resolve(first);
  const queue = createBatchQueue({
    batchSize,
    batchTokens: batchTokensOf(first.executionProvider),
    queueSize,
    waitMs: options.waitMs ?? 0,
    tokenize: (text: string) => tokenizer.encode(text, maxTokens),
    async run(texts) {
      try {
        inference ??= start();
        const running = await inference;
        const startedAt = performance.now();
        const vectors = await running.run(texts);
        metrics.observe(
          'tributary_encoder_batch_duration_seconds',
          {},
          (performance.now() - startedAt) / 1000,
        );
        return vectors;
      } catch (error) {
        logger.error({ error }, 'the encoder has failed');
        // A thread that has died is replaced the next time, so that one batch is all that is lost.
        if (!(await isAlive(inference))) inference = null;
        throw upstream('encoder', 'The text encoder has failed.', error);
      }
    },
  });

  let waiting = 0;
  const watching = metrics.watch('tributary_encoder_queue_texts', () => [{ labels: {}, value: waiting }]);
  const watchingProvider = metrics.watch('tributary_encoder_provider', () => [
    { labels: { encoder: model, provider: first.executionProvider }, value: 1 },
  ]);

  return {
    description: {
      model,
      fingerprint: files.fingerprint,
      dimension: unifiedDimension,
      maxTokens,
      executionProvider: first.executionProvider,
    },
    async encode(texts, purpose, signal) {
      const prompt = prompts[purpose];
      waiting += texts.length;
      try {
        const vectors = await queue.add(
          texts.map((text) => prompt + text),
          purpose,
          signal,
        );
        metrics.add('tributary_encoder_texts_total', { purpose }, texts.length);
        return vectors;
      } finally {
        waiting -= texts.length;
      }
    },
    tokenSpans: (text) => tokenizer.spans(text),
    async [Symbol.asyncDispose]() {
      watching[Symbol.dispose]();
      watchingProvider[Symbol.dispose]();
      await queue.close(busy('SHUTTING_DOWN', 'The service is shutting down. Please try again.', 1000));
      await inference?.then(
        (running) => running[Symbol.asyncDispose](),
        () => undefined,
      );
    },
  };
}
