import { createBatchQueue } from '../encoder/batch-queue.ts';
import { busy, upstream } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { unifiedDimension } from '../ports/encoder.ts';
import { type Metrics, noMetrics } from '../ports/metrics.ts';
import type { Pixels } from '../ports/pixels.ts';
import type { VisualEncoder } from '../ports/visual-encoder.ts';
import { createReopening } from './reopening.ts';
import { startPreprocessing } from './start-preprocessing.ts';
import { startTower, type Tower } from './start-tower.ts';
import type { TowerRequest } from './tower-messages.ts';
import { readVisualModel, type TowerFiles, type VisualModel } from './visual-model.ts';

export interface OnnxVisualEncoderOptions {
  /** The model's folder, in the hub's layout. */
  readonly folder: string;
  /** The model's name, for people. */
  readonly model: string;
  /** How many threads one batch uses. */
  readonly threads: number;
  /** The execution providers to try, best first. */
  readonly executionProviders: readonly string[];
  /** The most pictures or texts of one batch. */
  readonly batchSize: number;
  /** The most pictures, and the most texts, that may wait. */
  readonly queueSize: number;
  /** How long a batch of pictures that is not full waits for others where nothing is under way; 0 by default. */
  readonly waitMs?: number;
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

/** A CPU gains nothing by more; other devices want to be filled. */
const cpuBatch = { pictures: 8, tokens: 768 };

/**
 * A visual encoder of the CLIP family (CLIP, OpenCLIP, TinyCLIP, SigLIP) in ONNX. Each of its towers computes on a
 * thread of its own, and so is loaded at its first use; pictures are made ready on others meanwhile. Everything is
 * read from the model's own files. The same picture, and the same text, always has the same vector, whatever it is
 * encoded beside.
 *
 * @throws Error that says which file is missing or wrong. What is wrong with the weights themselves is thrown, as
 * `UPSTREAM`, when they are first used.
 */
export async function createOnnxVisualEncoder(options: OnnxVisualEncoderOptions): Promise<VisualEncoder> {
  const { model, executionProviders, queueSize, metrics = noMetrics } = options;
  const files = await readVisualModel(options.folder);
  const isCpu = executionProviders[0] === 'cpu';
  const openTower = (tower: TowerFiles, samples: TowerRequest) =>
    createReopening(() => openOne(tower, samples, files, options));
  const pictureTower = openTower(files.pictures, pictureSamples(files));
  const textTower = openTower(files.texts, textSamples(files));
  const preprocessing = createReopening(() =>
    startPreprocessing(files.preprocessing, Math.max(1, Math.min(4, options.threads >> 1))),
  );

  const measured = async (kind: 'picture' | 'text', encode: () => Promise<Float32Array[]>) => {
    const startedAt = performance.now();
    const vectors = await encode();
    metrics.observe(
      'tributary_visual_encoder_batch_duration_seconds',
      { kind },
      (performance.now() - startedAt) / 1000,
    );
    return vectors;
  };
  const run = async (encode: () => Promise<Float32Array[]>) => {
    try {
      return await encode();
    } catch (error) {
      options.logger.error({ error, model }, 'the visual encoder has failed');
      throw upstream('visual-encoder', 'The visual encoder has failed.', error);
    }
  };
  const pictures = createBatchQueue({
    batchSize: isCpu ? Math.min(cpuBatch.pictures, options.batchSize) : options.batchSize,
    queueSize,
    waitMs: options.waitMs ?? 0,
    // One is made ready while another is encoded.
    concurrency: 2,
    noun: 'pictures',
    tokenize: (picture: Pixels) => ({ picture, length: 1 }),
    run: (batch) =>
      run(async () => {
        const [tower, ready] = await Promise.all([pictureTower.get(), preprocessing.get()]);
        const values = await ready.prepare(batch.map(({ picture }) => picture));
        return measured('picture', () => tower.encodePictures(values, batch.length));
      }),
  });
  const texts = createBatchQueue({
    batchSize: options.batchSize,
    ...(isCpu ? { batchTokens: cpuBatch.tokens } : {}),
    queueSize,
    tokenize: (text: string) => files.tokenizer.encode(text),
    run: (batch) =>
      run(async () => {
        const tower = await textTower.get();
        return measured('text', () => tower.encodeTexts(batch));
      }),
  });

  const waiting = { picture: 0, text: 0 };
  const counted = async (
    kind: 'picture' | 'text',
    count: number,
    encode: () => Promise<Float32Array[]>,
  ): Promise<Float32Array[]> => {
    waiting[kind] += count;
    try {
      const vectors = await encode();
      metrics.add('tributary_visual_encoder_encoded_total', { kind }, count);
      return vectors;
    } finally {
      waiting[kind] -= count;
    }
  };
  const providers = () => [
    ...new Set([pictureTower, textTower].flatMap(({ opened }) => opened?.executionProvider ?? [])),
  ];
  const watching = [
    metrics.watch('tributary_visual_encoder_queue', () => [
      { labels: { kind: 'picture' }, value: waiting.picture },
      { labels: { kind: 'text' }, value: waiting.text },
    ]),
    metrics.watch('tributary_encoder_provider', () =>
      providers().map((provider) => ({ labels: { encoder: model, provider }, value: 1 })),
    ),
  ];

  const described = {
    model,
    fingerprint: files.fingerprint,
    dimension: unifiedDimension,
    maxTokens: files.tokenizer.maxTokens,
  };
  return {
    get description() {
      const used = providers();
      // Before its first use it is known only where there is no choice.
      const provider = used.length > 0 ? used.join(', ') : executionProviders.join(' or ');
      return { ...described, executionProvider: provider };
    },
    async encodePictures(given, signal, purpose = 'passage') {
      for (const { width, height, data } of given) {
        if (width < 1 || height < 1 || data.length !== width * height * 3) {
          throw new Error(`A picture of ${width} × ${height} pixels has ${data.length} bytes.`);
        }
      }
      return counted('picture', given.length, () => pictures.add(given, purpose, signal));
    },
    encodeTexts: (given, signal) => counted('text', given.length, () => texts.add(given, 'query', signal)),
    async [Symbol.asyncDispose]() {
      for (const each of watching) each[Symbol.dispose]();
      const shuttingDown = busy('SHUTTING_DOWN', 'The service is shutting down. Please try again.', 1000);
      await Promise.all([pictures.close(shuttingDown), texts.close(shuttingDown)]);
      await Promise.all([pictureTower, textTower, preprocessing].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

async function openOne(
  { weights, outputs }: TowerFiles,
  samples: TowerRequest,
  { preprocessing, tokenizer, attendsToPadding }: VisualModel,
  { threads, executionProviders, logger, model }: OnnxVisualEncoderOptions,
): Promise<Tower> {
  const tower = await startTower({
    ...{ weights, outputs, samples, threads, executionProviders, attendsToPadding },
    dimension: unifiedDimension,
    width: preprocessing.width,
    height: preprocessing.height,
    padId: tokenizer.padId,
    padTo: tokenizer.padsToMost ? tokenizer.maxTokens : null,
  });
  for (const reason of tower.refused) logger.warn({ reason, model }, 'an execution provider cannot be used');
  return tower;
}

/** A faint picture and one of strong contrast, made ready: what scales by the larger one blurs the other. */
function pictureSamples({ preprocessing: { width, height } }: VisualModel): TowerRequest {
  const size = 3 * width * height;
  const faint = Float32Array.from({ length: size }, (_, index) => 0.1 * Math.sin(index));
  const values = new Float32Array(2 * size);
  values.set(faint);
  for (let index = 0; index < size; index++) values[size + index] = index % 7 < 3 ? 2 : -2;
  return { kind: 'pictures', count: 2, values };
}

function textSamples({ tokenizer }: VisualModel): TowerRequest {
  const [short, long] = ['a drawing', 'the quick brown fox jumps over the lazy dog'].map(tokenizer.encode);
  const texts = [short ?? new Int32Array(), long ?? new Int32Array()];
  return {
    kind: 'texts',
    tokens: Int32Array.from(texts.flatMap((text) => [...text])),
    lengths: Int32Array.from(texts, ({ length }) => length),
  };
}
