import { writeManual } from './corpus/manual.ts';
import { createRandom } from './corpus/random.ts';
import { alternate } from './harness/alternate.ts';
import { benchmark } from './harness/benchmark.ts';
import { openBareTextEncoder } from './models/open-bare-text-encoder.ts';
import { addDocuments } from './system/add-documents.ts';
import { startSystem } from './system/start-system.ts';

const documents = 12;
const wordsPerDocument = 1600;
const rounds = 4;

/** Passages a second through the whole of ingest, beside the bare onnxruntime session on the same token ids. */
await benchmark('ingest', async (stack) => {
  const system = await startSystem(stack);
  const { config, encoder } = system;
  const peerModel = await openBareTextEncoder(system, stack);

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
    newest = await peerModel.tokens(seen);
    if (newest.length !== passages) throw new Error(`${newest.length} passages were kept of ${passages}.`);
    seen += passages;
    return figures;
  }

  async function bare() {
    if (newest.length === 0) await throughTheSystem();
    const { figures } = await measure(async () => {
      for (const text of newest) await peerModel.run([text]);
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
