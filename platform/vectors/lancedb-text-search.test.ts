import { describe, expect, it } from 'vitest';
import type { VectorStore } from '../ports/vector-store.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { openLanceDbVectorStore } from './lancedb-vector-store.ts';
import { seededRandom, vectorRecord } from './testing/vector-records.ts';

const collection = { family: 'text', fingerprint: '0123456789abcdef' } as const;
// Words that neither stemming nor stop words change.
const vocabulary = [
  'wing',
  'heat',
  'flow',
  'shock',
  'layer',
  'plate',
  'jet',
  'drag',
  'lift',
  'mach',
  'cone',
  'slab',
];

/** BM25 as Robertson and Zaragoza have it, with Lucene's inverse document frequency; k1 1.2, b 0.75. */
function bm25(texts: ReadonlyMap<string, string>, query: string): { chunkId: string; score: number }[] {
  const passages = [...texts].map(([chunkId, text]) => ({ chunkId, words: text.split(' ') }));
  const mean = passages.reduce((sum, { words }) => sum + words.length, 0) / passages.length;
  return passages
    .map(({ chunkId, words }) => {
      let score = 0;
      for (const term of query.split(' ')) {
        const having = passages.filter((passage) => passage.words.includes(term)).length;
        const frequency = words.filter((word) => word === term).length;
        const rarity = Math.log(1 + (passages.length - having + 0.5) / (having + 0.5));
        score += (rarity * frequency * 2.2) / (frequency + 1.2 * (0.25 + (0.75 * words.length) / mean));
      }
      return { chunkId, score };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1));
}

describe('LanceDB by words', () => {
  const random = seededRandom(5);
  const pick = () => vocabulary[Math.floor(random() ** 2 * vocabulary.length)] ?? '';
  const texts = new Map(
    Array.from({ length: 400 }, (_, index) => [
      `c${String(index).padStart(3, '0')}`,
      Array.from({ length: 5 + Math.floor(random() * 40) }, pick).join(' '),
    ]),
  );
  const records = [...texts].map(([chunkId, searchText]) => vectorRecord(chunkId, { searchText }));
  const queries = ['slab', 'wing', 'wing cone', 'heat jet slab', 'mach drag lift plate'];

  async function expectBm25(store: VectorStore, corpus: ReadonlyMap<string, string>): Promise<void> {
    for (const text of queries) {
      const expected = bm25(corpus, text);
      const found = await store.searchSparse({ collection, tenant: 'acme', filter: null, limit: 500, text });
      expect(found.map(({ chunkId }) => chunkId).sort()).toEqual(
        expected.map(({ chunkId }) => chunkId).sort(),
      );
      const rankOf = new Map(found.map(({ chunkId }, rank) => [chunkId, rank]));
      // Lengths are kept in fewer bits than ours, so only clearly different scores must be in order.
      expected.slice(0, 50).forEach((better, index) => {
        const worse = expected.slice(index + 1).find(({ score }) => score < better.score * 0.95);
        if (worse === undefined) return;
        expect(rankOf.get(better.chunkId)).toBeLessThan(rankOf.get(worse.chunkId) ?? 0);
      });
    }
  }

  it('ranks as BM25 does, not yet indexed, indexed, in several steps, and after deletions', async () => {
    await using directory = await temporaryDirectory();
    await using store = await openLanceDbVectorStore({ directory: directory.path, logger: silentLogger });
    await store.upsert(collection, records.slice(0, 250));
    await expectBm25(store, new Map([...texts].slice(0, 250)));
    await store.optimize();
    await store.upsert(collection, records.slice(250));
    // Until the index has taken the new rows in, it counts the old ones' words alone: all are found, but old
    // and new ones are not weighed alike.
    const query = { collection, tenant: 'acme', filter: null, limit: 500 };
    const found = await store.searchSparse({ ...query, text: 'wing cone' });
    expect(found).toHaveLength(bm25(texts, 'wing cone').length);
    await store.optimize();
    await expectBm25(store, texts);
    const gone = [...texts.keys()].filter((_, index) => index % 3 === 0);
    await store.deleteChunks(collection, 'acme', gone);
    await store.optimize();
    await expectBm25(store, new Map([...texts].filter(([chunkId]) => !gone.includes(chunkId))));
  });

  it('finds words in other forms, and words of scripts without spaces', async () => {
    await using directory = await temporaryDirectory();
    await using store = await openLanceDbVectorStore({ directory: directory.path, logger: silentLogger });
    await store.upsert(collection, [
      vectorRecord('english', { searchText: 'Heated turbines were studied' }),
      vectorRecord('chinese', { searchText: '我喜欢机器学习。' }),
      vectorRecord('french', { searchText: 'un café à Orléans' }),
    ]);
    const find = async (text: string) =>
      (await store.searchSparse({ collection, tenant: 'acme', filter: null, limit: 5, text })).map(
        ({ chunkId }) => chunkId,
      );
    expect(await find('turbine studies')).toEqual(['english']);
    expect(await find('学习')).toEqual(['chinese']);
    expect(await find('cafe orleans')).toEqual(['french']);
    expect(await find('the of and')).toEqual([]);
  });
});
