import { silentLogger } from '../../testing/silent-logger.ts';
import { openLanceDbVectorStore } from '../lancedb-vector-store.ts';

// A process that writes chunks without end and prints each one's id once the store has taken it. Its
// arguments are the store's folder and a name that its ids begin with.
const [, , directory = '', name = ''] = process.argv;
const tuning = { optimizeAfterWrites: 5 };
const store = await openLanceDbVectorStore({ directory, logger: silentLogger, tuning });
for (let batch = 0; ; batch++) {
  const chunkIds = Array.from({ length: 3 }, (_, index) => `${name}-${batch}-${index}`);
  await store.upsert(
    { family: 'text', fingerprint: '0123456789abcdef' },
    chunkIds.map((chunkId) => ({
      chunkId,
      tenant: 'acme',
      documentId: name,
      modality: 'TEXT',
      vector: new Float32Array(768).fill(1 / Math.sqrt(768)),
      searchText: `passage ${chunkId}`,
      year: null,
      author: null,
      tags: [],
      source: null,
      publishedAtMs: null,
      containsPii: false,
      metadata: {},
    })),
  );
  process.stdout.write(`${chunkIds.join('\n')}\n`);
}
