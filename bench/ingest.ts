import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readEncoderModel } from '../platform/encoder/encoder-model.ts';
import { ensureTextEncoder } from '../platform/models/ensure-text-encoder.ts';
import { searchTextOf } from '../subgraphs/ingest/encode.ts';
import { writeManual } from './corpus/manual.ts';
import { createRandom } from './corpus/random.ts';
import { alternate } from './harness/alternate.ts';
import { benchmark } from './harness/benchmark.ts';
import { addDocuments } from './system/add-documents.ts';
import { caller, startSystem } from './system/start-system.ts';

const documents = 12;
const wordsPerDocument = 1600;
const rounds = 4;

/** Passages a second through the whole of ingest, beside the bare onnxruntime session on the same token ids. */
await benchmark('ingest', async (stack) => {
  const system = await startSystem(stack);
  const { config, database, encoder } = system;
  const { folder } = await ensureTextEncoder(config.encoderModel, {
    directory: config.modelsDirectory,
    hub: config.modelHub,
    offline: config.offline,
  });
  const model = await readEncoderModel(folder);
  const session = await InferenceSession.create(model.weights, {
    executionProviders: [...config.executionProviders],
    intraOpNumThreads: config.encoderThreads,
    interOpNumThreads: 1,
    // As our encoder has it.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    logSeverityLevel: 3,
  });
  stack.defer(() => session.release());

  const random = createRandom(1);
  /** The token ids of the passages that the newest round has made, one a text, as the encoder runs them. */
  let newest: Int32Array[] = [];
  let seen = 0;

  /** Passages a second, and the time of the processor that each took in this process, over all threads. */
  async function measure(work: () => Promise<number>) {
    const cpuBefore = process.cpuUsage();
    const startedMs = performance.now();
    const passages = await work();
    const elapsedMs = performance.now() - startedMs;
    const { user, system: kernel } = process.cpuUsage(cpuBefore);
    return {
      passages,
      figures: {
        'passage rate': (passages / elapsedMs) * 1000,
        'processor time of a passage': (user + kernel) / 1000 / passages,
      },
    };
  }

  async function throughTheSystem() {
    const texts = Array.from({ length: documents }, () => writeManual(random, wordsPerDocument));
    const { passages, figures } = await measure(() => addDocuments(system, texts));
    const rows = await database.forTenant(caller.tenant, async (client) => {
      const { rows } = await client.query<{ title: string; text: string }>(
        `select d.title, c.text from chunks c join documents d on d.tenant = c.tenant and d.id = c.document_id
         order by d.created_at, d.id, c.ordinal offset $1`,
        [seen],
      );
      return rows;
    });
    if (rows.length !== passages) throw new Error(`${rows.length} passages were kept of ${passages}.`);
    seen += passages;
    newest = rows.map(({ title, text }) =>
      model.tokenizer.encode(model.prompts.passage + searchTextOf(title, text), model.maxTokens),
    );
    return figures;
  }

  /** The states of all tokens of so many texts together, padded; nothing is done with them. */
  async function runBatch(texts: readonly Int32Array[]): Promise<void> {
    const length = Math.max(...texts.map((ids) => ids.length));
    const shape = [texts.length, length];
    const fill = (value: (ids: Int32Array, column: number) => number) =>
      new Tensor(
        'int64',
        BigInt64Array.from(
          texts.flatMap((ids) => Array.from({ length }, (_, column) => BigInt(value(ids, column)))),
        ),
        shape,
      );
    const inputs: Record<string, Tensor> = {
      input_ids: fill((ids, column) => ids[column] ?? model.padId),
      attention_mask: fill((ids, column) => (column < ids.length ? 1 : 0)),
      token_type_ids: fill(() => 0),
    };
    const feeds = Object.fromEntries(
      session.inputNames.flatMap((name) => (inputs[name] ? [[name, inputs[name]]] : [])),
    );
    await session.run(feeds);
  }

  async function bare() {
    if (newest.length === 0) await throughTheSystem();
    const { figures } = await measure(async () => {
      for (const text of newest) await runBatch([text]);
      return newest.length;
    });
    return figures;
  }

  const ours = 'Tributary, text to searchable';
  const peer = 'onnxruntime by itself, the same token ids';
  const measured = await alternate(
    {
      'passage rate': { unit: 'passages/s', better: 'higher' },
      'processor time of a passage': { unit: 'ms', better: 'lower' },
    },
    [
      { name: ours, measure: throughTheSystem },
      { name: peer, measure: bare },
    ],
    { rounds },
  );
  const { model: name, executionProvider } = encoder.description;
  return {
    title: 'Ingest: passages that become searchable',
    setup: [
      `${documents} documents of ${wordsPerDocument} words a round, ${rounds} rounds after one to warm up; ${name} on ${executionProvider} with ${config.encoderThreads} threads, ${newest.length} passages in the last round.`,
      'Ours receives, inspects, cuts, encodes, writes rows and vectors and publishes; the session by itself only runs the model on the token ids of the same passages, one passage at a time as our encoder does.',
    ],
    figures: measured.figures,
    comparisons: [measured.compare(ours, peer, 'passage rate', 'Ingest, text to searchable')],
  };
});
