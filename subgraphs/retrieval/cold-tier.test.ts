import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../platform/ports/clock.ts';
import type { VectorStore } from '../../platform/ports/vector-store.ts';
import { silentLogger } from '../../platform/testing/silent-logger.ts';
import { mergeTiers } from './merge-tiers.ts';
import { createUseNotes } from './note-use.ts';
import { chunkId, documentId, found, type Library, openLibrary } from './testing/library.ts';
import type { CandidateList, Tier } from './types.ts';

let library: Library;
beforeEach(async () => {
  library = await openLibrary({ maxCacheBytes: 1024 * 1024 });
});
afterEach(() => library[Symbol.asyncDispose]());

/** Moves a document to a tier as ingest does: its vectors first, then its row; they stay where they were if wanted. */
async function move(name: string, tier: Tier, { inBoth = false } = {}): Promise<void> {
  const { vectors, collection, database } = library;
  const [source, target] = [collection, { ...collection, tier: 'cold' } as const];
  const [from, to] = tier === 'COLD' ? [source, target] : [target, source];
  const { rows } = await database.forWorker((client) =>
    client.query<{ id: string; text: string }>('select id, text from chunks where document_id = $1', [
      documentId(name),
    ]),
  );
  const stored = await vectors.vectors(
    from,
    'acme',
    rows.map(({ id }) => id),
  );
  await vectors.upsert(
    to,
    rows.map(({ id, text }) => ({
      ...{ chunkId: id, tenant: 'acme', documentId: documentId(name), modality: 'TEXT' as const },
      ...{ vector: stored.get(id) ?? new Float32Array(768), searchText: `${name}\n${text}`, year: null },
      ...{ author: null, tags: [], source: null, publishedAtMs: null, containsPii: false, metadata: {} },
    })),
  );
  await database.forWorker((client) =>
    client.query('update documents set tier = $2, two_tiers_since = $3 where id = $1', [
      ...[documentId(name), tier, inBoth ? new Date() : null],
    ]),
  );
  if (inBoth) return;
  await vectors.deleteChunks(
    from,
    'acme',
    rows.map(({ id }) => id),
  );
}

const sourcesOf = ({ coverage }: Awaited<ReturnType<Library['search']>>) =>
  coverage.sources
    .filter(({ modality }) => modality === 'TEXT')
    .map(({ method, tier, status }) => `${method} ${tier} ${status}`);

describe('cold documents', () => {
  beforeEach(() =>
    library.add([
      { name: 'pumps', passages: ['The seal of the pump is inspected.', 'A pump stands still.'] },
      { name: 'seals', passages: ['A seal that leaks is replaced.'] },
    ]),
  );

  it('are no part of coverage where there are none', async () => {
    for (const includeCold of [false, true]) {
      const result = await library.search({ text: 'seal', includeCold: includeCold });
      expect(sourcesOf(result).filter((source) => source.includes('COLD SKIPPED'))).toEqual([]);
      expect(sourcesOf(result)).toEqual(['DENSE HOT SEARCHED', 'SPARSE HOT SEARCHED']);
    }
  });

  it('are left out, and it is said how many there are and how to ask for them', async () => {
    await move('seals', 'COLD');
    const result = await library.search({ text: 'seal', mode: 'DENSE' });
    expect(found(result)).not.toContain(chunkId('seals', 0));
    expect(result.coverage.complete).toBe(true);
    expect(result.coverage.sources.filter(({ tier }) => tier === 'COLD')).toEqual([
      expect.objectContaining({
        method: 'DENSE',
        status: 'SKIPPED',
        reason: expect.stringMatching(/^1 document is cold: .*`includeCold: true`/),
      }),
    ]);
  });

  it('are found where they are asked for, as if there were no tiers', async () => {
    const before = await library.search({ text: 'seal', mode: 'DENSE' });
    await move('seals', 'COLD');
    const result = await library.search({ text: 'seal', mode: 'DENSE', includeCold: true });
    expect(result.hits.nodes).toEqual(before.hits.nodes);
    expect(sourcesOf(result).filter((source) => source.startsWith('DENSE'))).toEqual([
      'DENSE HOT SEARCHED',
      'DENSE COLD SEARCHED',
    ]);
    const hybrid = await library.search({ text: 'seal', includeCold: true });
    expect(found(hybrid)).toContain(chunkId('seals', 0));
  });

  it('are found once while they are in both tiers, and not at all by who did not ask for them', async () => {
    await move('seals', 'COLD', { inBoth: true });
    const asked = await library.search({ text: 'seal', includeCold: true, explain: true });
    expect(found(asked).filter((id) => id === chunkId('seals', 0))).toHaveLength(1);
    expect(new Set(found(asked)).size).toBe(found(asked).length);
    expect(found(await library.search({ text: 'seal' }))).not.toContain(chunkId('seals', 0));
  });

  it('are forgotten by the cache as soon as they have moved', async () => {
    const search = () => library.search({ text: 'seal' });
    expect((await search()).cache).toBe('MISS');
    expect((await search()).cache).toBe('HIT');
    await move('seals', 'COLD');
    const moved = await search();
    expect(moved.cache).toBe('MISS');
    expect(found(moved)).not.toContain(chunkId('seals', 0));
    // Asking for them is another question, whatever is remembered of this one.
    const both = await library.search({ text: 'seal', includeCold: true });
    expect([both.cache, found(both).includes(chunkId('seals', 0))]).toEqual(['MISS', true]);
  });

  it('can be asked for by what is like one of them', async () => {
    await move('seals', 'COLD');
    const result = await library.search({ similarToChunkId: chunkId('seals', 0) });
    expect(found(result)[0]).toBe(chunkId('pumps', 0));
  });

  it('hold nothing up but themselves while they are being loaded', async () => {
    await move('seals', 'COLD');
    const loading = (vectors: VectorStore): VectorStore =>
      new Proxy(vectors, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key);
          if (typeof value !== 'function') return value;
          return (...given: unknown[]) => {
            const [query, stop] = given as [{ collection?: { tier?: string } }, AbortSignal | undefined];
            if (query?.collection?.tier !== 'cold') return Reflect.apply(value, target, given);
            return new Promise((_, reject) =>
              stop?.addEventListener('abort', () => reject(stop.reason), { once: true }),
            );
          };
        },
      });
    const input = { text: 'seal', includeCold: true, deadlineMs: 700 } as const;
    const result = await library.search(input, { vectors: loading });
    expect(found(result)).toContain(chunkId('pumps', 0));
    expect(result.coverage.complete).toBe(false);
    const cold = result.coverage.sources.filter(({ tier }) => tier === 'COLD');
    expect(cold.map(({ status }) => status)).toEqual(['TIMED_OUT', 'TIMED_OUT']);
    expect(cold[0]?.reason).toMatch(/being loaded; ask again/);
    // What is not complete is not remembered.
    expect((await library.search(input)).coverage.complete).toBe(true);
  });

  it('are searched with the same results in every sequence of moves as without tiers', async () => {
    const words = ['seal', 'pump', 'valve', 'bearing', 'motor', 'shaft'];
    const names = Array.from({ length: 12 }, (_, index) => `manual ${index}`);
    let seed = 20_261_123;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const sentence = () => Array.from({ length: 6 }, () => words[random(words.length)]).join(' ');
    await library.add(names.map((name) => ({ name, passages: [sentence(), sentence()] })));
    const ask = (text: string, includeCold: boolean) =>
      library.search({ text, mode: 'DENSE', first: 50, includeCold });
    const wanted = new Map<string, Awaited<ReturnType<typeof ask>>['hits']['nodes']>();
    for (const word of words) wanted.set(word, (await ask(word, false)).hits.nodes);
    const cold = new Set<string>();
    for (let round = 0; round < 20; round++) {
      const name = names[random(names.length)] ?? '';
      await move(name, cold.has(name) ? 'HOT' : 'COLD');
      if (!cold.delete(name)) cold.add(name);
      const word = words[random(words.length)] ?? '';
      expect((await ask(word, true)).hits.nodes, `round ${round}`).toEqual(wanted.get(word));
      const coldChunks = new Set<string>([...cold].flatMap((each) => [chunkId(each, 0), chunkId(each, 1)]));
      const hot = (wanted.get(word) ?? []).map(({ chunk }) => chunk?.id ?? '');
      expect(found(await ask(word, false)), `round ${round}`).toEqual(
        hot.filter((id) => !coldChunks.has(id)),
      );
    }
  });
});

describe('the notes of use', () => {
  const rows = async () => {
    const { rows: found } = await library.database.forWorker((client) =>
      client.query<{ id: string; day: string }>(
        'select document_id as id, shown_on::text as day from document_use order by 1',
      ),
    );
    return found;
  };

  it('are written together, once a day, and of documents that are there', async () => {
    await library.add([{ name: 'pumps', passages: ['A pump.'] }]);
    let now = Date.parse('2026-11-23T10:00:00Z');
    let writes = 0;
    const database = new Proxy(library.database, {
      get(target, key) {
        if (key === 'forTenant') writes++;
        return Reflect.get(target, key);
      },
    });
    await using notes = createUseNotes({
      ...{ database, clock: { ...systemClock, now: () => now }, logger: silentLogger },
    });
    notes.note('acme', [documentId('pumps'), documentId('gone')]);
    notes.note('acme', [documentId('pumps')]);
    await notes.flush();
    expect(await rows()).toEqual([{ id: documentId('pumps'), day: '2026-11-23' }]);
    notes.note('acme', [documentId('pumps')]);
    await notes.flush();
    expect(writes).toBe(1);
    now += 24 * 60 * 60 * 1000;
    notes.note('acme', [documentId('pumps')]);
    await notes.flush();
    expect(await rows()).toEqual([{ id: documentId('pumps'), day: '2026-11-24' }]);
  });

  it('are tried again where the database is away', async () => {
    await library.add([{ name: 'pumps', passages: ['A pump.'] }]);
    let away = true;
    const database = new Proxy(library.database, {
      get(target, key) {
        if (key === 'forTenant' && away) return () => Promise.reject(new Error('The database is away.'));
        return Reflect.get(target, key);
      },
    });
    await using notes = createUseNotes({ database, clock: systemClock, logger: silentLogger });
    notes.note('acme', [documentId('pumps')]);
    await notes.flush();
    away = false;
    await notes.flush();
    expect(await rows()).toHaveLength(1);
  });
});

describe('mergeTiers', () => {
  it('orders by score, keeps each passage once, and no more than fit', () => {
    const list = (tier: Tier, ...candidates: readonly (readonly [string, number])[]): CandidateList => ({
      source: {
        ...{ modality: 'TEXT', space: 'TEXT', method: 'DENSE', tier },
        collection: { family: 'text', fingerprint: '0' },
      },
      candidates: candidates.map(([id, score]) => ({
        ...{ chunkId: id, documentId: id, modality: 'TEXT', score },
      })),
    });
    const merged = mergeTiers([list('HOT', ['a', 3], ['b', 1]), list('COLD', ['c', 2], ['a', 3])], 2);
    expect(merged).toHaveLength(1);
    expect(merged[0]?.candidates.map(({ chunkId: id }) => id)).toEqual(['a', 'c']);
    expect(mergeTiers([list('COLD', ['c', 2])], 5)[0]?.candidates).toHaveLength(1);
  });
});
