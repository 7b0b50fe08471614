import { connect } from '@lancedb/lancedb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Filter, VectorStore } from '../ports/vector-store.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { openLanceDbVectorStore } from './lancedb-vector-store.ts';
import { innerProduct, seededRandom, seededVector, vectorRecord } from './testing/vector-records.ts';

const collection = { family: 'text', fingerprint: '0123456789abcdef' } as const;
const count = 20_000;
const queries = 24;
const wanted = 10;

/** A direction near another one. */
function near(center: Float32Array, random: () => number, distance: number): Float32Array {
  const noise = seededVector(random);
  const moved = center.map((value, index) => value + distance * (noise[index] ?? 0));
  const length = Math.hypot(...moved);
  return moved.map((value) => value / length);
}

describe('LanceDB with a vector index', () => {
  const random = seededRandom(3);
  const centers = Array.from({ length: 100 }, () => seededVector(random));
  // Half of them in clusters, as passages on common themes are, and half anywhere.
  const vectors = Array.from({ length: count }, (_, index) => {
    const center = centers[index % 100];
    return index % 2 === 0 && center !== undefined ? near(center, random, 0.7) : seededVector(random);
  });
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let store: VectorStore;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    store = await openLanceDbVectorStore({ directory: directory.path, logger: silentLogger });
    for (let start = 0; start < count; start += 5_000) {
      await store.upsert(
        collection,
        vectors.slice(start, start + 5_000).map((vector, index) =>
          vectorRecord(`c${start + index}`, {
            vector,
            year: Math.floor((start + index) / 2) % 100,
            searchText: '',
          }),
        ),
      );
    }
    await store.optimize();
  }, 120_000);
  afterAll(async () => {
    await store[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  async function recall(filter: Filter | null, holds: (index: number) => boolean): Promise<number> {
    let hits = 0;
    for (let query = 0; query < queries; query++) {
      const base = vectors[(query * 811) % count];
      const vector = query % 2 === 0 && base !== undefined ? near(base, random, 0.5) : seededVector(random);
      const exact = vectors
        .map((each, index) => ({ id: `c${index}`, score: holds(index) ? innerProduct(each, vector) : -2 }))
        .sort((a, b) => b.score - a.score)
        .slice(0, wanted);
      const found = await store.searchDense({ collection, tenant: 'acme', filter, limit: wanted, vector });
      const ids = new Set(found.map(({ chunkId }) => chunkId));
      hits += exact.filter(({ id }) => ids.has(id)).length;
    }
    return hits / (queries * wanted);
  }

  it('has the index', async () => {
    const connection = await connect(directory.path);
    const table = await connection.openTable('text_0123456789abcdef');
    const statistics = await table.indexStats('vector_idx');
    expect(statistics).toMatchObject({ indexType: 'IVF_FLAT', numIndexedRows: count });
    connection.close();
  });

  it('finds what exact search finds, 95 of 100 at least', { timeout: 60_000 }, async () => {
    expect(await recall(null, () => true)).toBeGreaterThanOrEqual(0.95);
  });

  it('also among the hundredth part that a filter leaves', { timeout: 60_000 }, async () => {
    const filter: Filter = { kind: 'yearRange', from: 7, to: 7 };
    expect(await recall(filter, (index) => Math.floor(index / 2) % 100 === 7)).toBeGreaterThanOrEqual(0.95);
  });

  it('finds rows that came after it was built', async () => {
    const vector = seededVector(random);
    await store.upsert(collection, [vectorRecord('late', { vector })]);
    const [best] = await store.searchDense({ collection, tenant: 'acme', filter: null, limit: 1, vector });
    expect(best?.chunkId).toBe('late');
    expect(best?.score).toBeCloseTo(1, 4);
  });
});
