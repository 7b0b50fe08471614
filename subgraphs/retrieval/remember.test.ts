import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBentoCache } from '../../platform/cache/bento-cache.ts';
import { documentTag } from '../../platform/cache/cache-tags.ts';
import type { Scope } from '../../platform/identity.ts';
import type { VectorQuery, VectorStore } from '../../platform/ports/vector-store.ts';
import { eventually } from '../../platform/testing/eventually.ts';
import { silentLogger } from '../../platform/testing/silent-logger.ts';
import { canonicalFilter } from './canonical-filter.ts';
import type { SearchFilter, SearchInput, SearchResult } from './schema.generated.ts';
import { chunkId, documentId, found, type Library, openLibrary } from './testing/library.ts';

let library: Library;
beforeEach(async () => {
  library = await openLibrary({ maxCacheBytes: 8 * 1024 * 1024 });
  await library.add([
    {
      name: 'pumps',
      passages: ['The pump moves water.', 'Pumps wear at the seal.'],
      attributes: { year: 1999 },
    },
    { name: 'bread', passages: ['Flour, water and salt make bread.'], attributes: { year: 2010 } },
    { name: 'secrets', tenant: 'rival', passages: ['The rival pump moves water in secret.'] },
  ]);
});
afterEach(() => library[Symbol.asyncDispose]());

/** Watches the vector store, or stands in its way. */
function watched() {
  const queries: VectorQuery[] = [];
  const gates: Promise<unknown>[] = [];
  const vectors = (store: VectorStore): VectorStore =>
    new Proxy(store, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...given: readonly unknown[]) => {
          if (name === 'searchDense' || name === 'searchSparse') {
            queries.push(given[0] as VectorQuery);
            await Promise.all(gates);
          }
          return value.apply(target, given);
        };
      },
    });
  return { queries, gates, vectors };
}

const outcomes = async (...inputs: readonly SearchInput[]) => {
  const results: SearchResult['cache'][] = [];
  for (const input of inputs) results.push((await library.search(input)).cache);
  return results;
};

describe('a search that was made before', () => {
  it('is remembered, and says so', async () => {
    const { queries, vectors } = watched();
    const input = { text: 'water pump', explain: true };
    const made = await library.search(input, { vectors });
    const asked = queries.length;
    const remembered = await library.search(input, { vectors });
    expect(made.cache).toBe('MISS');
    expect(remembered.cache).toBe('HIT');
    expect(remembered.hits).toEqual(made.hits);
    expect(remembered.coverage).toEqual(made.coverage);
    expect(made.stages.map(({ stage }) => stage)).toEqual(['plan', 'encode', 'search', 'fuse', 'hydrate']);
    expect(remembered.stages.map(({ stage }) => stage)).toEqual(['plan', 'hydrate']);
    expect(queries).toHaveLength(asked);
  });

  it('is the same however it is spaced or its letters are written', async () => {
    const texts = ['The pump\u00e9', '  The \n pump\u00e9\t', 'The pumpe\u0301'];
    expect(await outcomes(...texts.map((text) => ({ text })))).toEqual(['MISS', 'HIT', 'HIT']);
    // Capitals and marks may mean something.
    expect(await outcomes({ text: 'the pump\u00e9' }, { text: 'The pump\u00e9?' })).toEqual(['MISS', 'MISS']);
  });

  it('is another one where anything else is asked', async () => {
    const text = 'water';
    const inputs: SearchInput[] = [
      { text },
      { text, mode: 'DENSE' },
      { text, mode: 'SPARSE' },
      { text, modalities: ['TEXT'] },
      { text, perDocument: 1 },
      { text, filter: { year: { from: 2000 } } },
      { text, filter: { year: { from: 2001 } } },
      { similarToChunkId: chunkId('pumps', 0) },
    ];
    expect(await outcomes(...inputs)).toEqual(inputs.map(() => 'MISS'));
    expect(await outcomes(...inputs)).toEqual(inputs.map(() => 'HIT'));
  });

  it('is the same for a filter that says the same', async () => {
    const text = 'water';
    const filters: SearchFilter[] = [
      { tagsAny: ['a', 'b'], year: { from: 1 } },
      { year: { from: 1 }, tagsAny: ['b', 'a', 'a'] },
    ];
    expect(await outcomes(...filters.map((filter) => ({ text, filter })))).toEqual(['MISS', 'HIT']);
    const either = {
      kind: 'or',
      filters: [
        { kind: 'authorIn', authors: ['x'] },
        { kind: 'containsPii', value: true },
      ],
    } as const;
    expect(canonicalFilter(either)).toEqual(
      canonicalFilter({ ...either, filters: [...either.filters].reverse() }),
    );
    expect(canonicalFilter(either)).not.toEqual(canonicalFilter({ ...either, kind: 'and' }));
  });

  it('is nobody else’s', async () => {
    const input = { text: 'pump' };
    expect(found(await library.search(input))).toContain(chunkId('pumps', 0));
    const rival = await library.search(input, { identity: { tenant: 'rival' } });
    expect(rival.cache).toBe('MISS');
    expect(found(rival)).toEqual([chunkId('secrets', 0)]);
    const others: readonly (readonly Scope[])[] = [['documents:read', 'documents:write'], ['admin']];
    for (const scopes of others)
      expect((await library.search(input, { identity: { scopes } })).cache).toBe('MISS');
    await expect(library.search(input, { identity: { scopes: ['answers:read'] } })).rejects.toMatchObject({
      code: 'DENIED',
    });
  });

  it('serves every page', async () => {
    const passages = Array.from(
      { length: 60 },
      (_, index) => `Volume ${index} of the chronicle of the kingdom.`,
    );
    await library.add([{ name: 'volumes', passages }]);
    const whole = found(await library.search({ text: 'chronicle volume', first: 200 }));
    const pages: string[] = [];
    const caches: string[] = [];
    for (let after: string | null = null; ; ) {
      const page: SearchResult = await library.search({
        text: 'chronicle volume',
        first: 25,
        ...(after && { after }),
      });
      caches.push(page.cache);
      pages.push(...found(page));
      after = page.hits.pageInfo.endCursor ?? null;
      if (!page.hits.pageInfo.hasNextPage) break;
    }
    expect(pages).toEqual(whole);
    expect(new Set(caches)).toEqual(new Set(['HIT']));
  });

  it('is forgotten after any change of the tenant’s documents, and of no other’s', async () => {
    const input = { text: 'pump' };
    const rival = { identity: { tenant: 'rival' } };
    await library.search(input);
    await library.search(input, rival);
    await library.add([{ name: 'new pump', passages: ['A new pump.'] }]);
    const after = await library.search(input);
    expect(after.cache).toBe('MISS');
    expect(found(after)).toContain(chunkId('new pump', 0));
    expect((await library.search(input, rival)).cache).toBe('HIT');
  });

  it('is not taken for one of a tenant that was removed and made anew', async () => {
    const input = { text: 'pump' };
    await library.search(input, { identity: { tenant: 'rival' } });
    await library.database.forTenant('rival', (client) => client.query('delete from corpus_epochs'));
    await library.changeCorpus('rival');
    expect((await library.search(input, { identity: { tenant: 'rival' } })).cache).toBe('MISS');
  });

  it('never shows what was deleted, not even where it was not told', async () => {
    const input = { text: 'pump' };
    expect(found(await library.search(input))).toContain(chunkId('pumps', 0));
    await library.database.forTenant('acme', (client) =>
      client.query('update documents set deleted_at = now() where id = $1', [documentId('pumps')]),
    );
    const after = await library.search(input);
    expect(after.cache).toBe('HIT');
    expect(found(after)).toEqual([chunkId('bread', 0)]);
  });

  it('is removed with any document in it', async () => {
    await outcomes({ text: 'pump' }, { text: 'bread', mode: 'SPARSE' });
    expect(await library.cache.removeTagged([documentTag('acme', documentId('pumps'))])).toEqual({
      removed: 1,
      complete: true,
    });
    expect(await outcomes({ text: 'pump' }, { text: 'bread', mode: 'SPARSE' })).toEqual(['MISS', 'HIT']);
  });
});

describe('what is not remembered', () => {
  it('is a search that is not complete', async () => {
    let fails = true;
    const { vectors: watch } = watched();
    const vectors = (store: VectorStore): VectorStore =>
      Object.assign(Object.create(watch(store)) as VectorStore, {
        searchSparse: async (...given: Parameters<VectorStore['searchSparse']>) => {
          if (fails) throw new Error('no');
          return store.searchSparse(...given);
        },
      });
    const partial = await library.search({ text: 'pump' }, { vectors });
    expect(partial.coverage.complete).toBe(false);
    expect(partial.cache).toBe('BYPASS');
    fails = false;
    const whole = await library.search({ text: 'pump' }, { vectors });
    expect(whole.coverage.complete).toBe(true);
    expect(whole.cache).toBe('MISS');
  });

  it('is an error', async () => {
    const similarToChunkId = chunkId('nowhere', 0);
    for (let round = 0; round < 2; round++) {
      await expect(library.search({ similarToChunkId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });
});

describe('searches at the same time', () => {
  it('are one, for all who ask the same', async () => {
    const { queries, vectors } = watched();
    const results = await Promise.all(
      Array.from({ length: 20 }, () => library.search({ text: 'water', mode: 'SPARSE' }, { vectors })),
    );
    expect(new Set(results.map((result) => found(result).join())).size).toBe(1);
    expect(queries).toHaveLength(1);
  });

  it('do not end when one caller goes', async () => {
    const { queries, gates, vectors } = watched();
    let open = () => {};
    gates.push(new Promise<void>((resolve) => (open = resolve)));
    const first = new AbortController();
    const input = { text: 'water', mode: 'SPARSE' } as const;
    const leaving = library.search(input, { vectors, signal: first.signal });
    await eventually(() => queries.length === 1);
    const staying = library.search(input, { vectors });
    first.abort(new Error('gone'));
    await expect(leaving).rejects.toThrow('gone');
    open();
    expect(found(await staying)).toContain(chunkId('pumps', 0));
  });

  it('keep to the time that each of them gives', async () => {
    const { queries, gates, vectors } = watched();
    let open = () => {};
    gates.push(new Promise<void>((resolve) => (open = resolve)));
    const input = { text: 'water', mode: 'SPARSE' } as const;
    const patient = library.search({ ...input, deadlineMs: 60_000 }, { vectors });
    await eventually(() => queries.length === 1);
    // It does not wait for the other's search, which goes on.
    await expect(library.search({ ...input, deadlineMs: 100 }, { vectors })).rejects.toMatchObject({
      code: 'UPSTREAM',
    });
    open();
    expect((await patient).coverage.complete).toBe(true);
  });
});

describe('the vector of a query', () => {
  it('is made once', async () => {
    let encoded = 0;
    const { encoder } = library;
    const encode = encoder.encode.bind(encoder);
    encoder.encode = (texts, purpose, signal) => {
      if (purpose === 'query') encoded++;
      return encode(texts, purpose, signal);
    };
    const dense = await library.search({ text: 'water pump', mode: 'DENSE' });
    await library.changeCorpus();
    const again = await library.search({ text: ' water  pump', mode: 'DENSE' });
    expect(again.cache).toBe('MISS');
    expect(encoded).toBe(1);
    expect(again.hits).toEqual(dense.hits);
    await library.search({ text: 'water pumps', mode: 'DENSE' });
    expect(encoded).toBe(2);
  });
});

describe('the vector store', () => {
  it('is asked for what is newest soon after a change, and for what is fast otherwise', async () => {
    const { queries, vectors } = watched();
    await library.search({ text: 'water' }, { vectors });
    expect(new Set(queries.map(({ consistency }) => consistency))).toEqual(new Set(['latest']));
    // The trigger would write the present: it is away for this one.
    const owner = new pg.Client(library.database.connection);
    await owner.connect();
    await owner.query(`
      alter table corpus_epochs disable trigger corpus_changed;
      update corpus_epochs set changed_at = now() - interval '1 minute';
      alter table corpus_epochs enable trigger corpus_changed;
    `);
    await owner.end();
    queries.length = 0;
    await library.search({ text: 'water' }, { vectors });
    expect(new Set(queries.map(({ consistency }) => consistency))).toEqual(new Set(['bounded']));
  });
});

describe('without a cache', () => {
  it('the same is found', async () => {
    await using none = await openBentoCache({ maxBytes: 0, shared: null, logger: silentLogger });
    const plain = await library.search({ text: 'water pump' }, { cache: none });
    expect(plain.cache).toBe('BYPASS');
    const made = await library.search({ text: 'water pump' });
    const remembered = await library.search({ text: 'water pump' });
    expect(made.hits).toEqual(plain.hits);
    expect(remembered.hits).toEqual(plain.hits);
  });
});
