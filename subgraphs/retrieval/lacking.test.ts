import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VectorStore } from '../../platform/ports/vector-store.ts';
import { chunkId, found, type Library, openLibrary } from './testing/library.ts';

let library: Library;
beforeAll(async () => {
  library = await openLibrary({ maxCacheBytes: 1024 * 1024 });
  await library.add([{ name: 'pumps', passages: ['The pump moves water.', 'Pumps wear at the seal.'] }]);
});
afterAll(() => library[Symbol.asyncDispose]());

/** A store that cannot search by words; counts how often it is asked what it can do. */
function withoutWords() {
  const asked = { capabilities: 0, sparse: 0 };
  const stores = new Map<VectorStore, VectorStore>();
  const wrap = (store: VectorStore): VectorStore =>
    new Proxy(store, {
      get(target, name) {
        if (name === 'capabilities') {
          return async () => {
            asked.capabilities += 1;
            return { vendor: 'Milvus', version: '2.3.5', sparse: false, maxLimit: 16_384 };
          };
        }
        if (name === 'searchSparse') {
          return async () => {
            asked.sparse += 1;
            throw new Error('no words here');
          };
        }
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  const vectors = (store: VectorStore): VectorStore => {
    const known = stores.get(store) ?? wrap(store);
    stores.set(store, known);
    return known;
  };
  return { asked, vectors };
}

describe('a vector store that cannot search by words', () => {
  it('is searched by meaning, and the coverage says what is missing and what would help', async () => {
    const { asked, vectors } = withoutWords();
    const result = await library.search({ text: 'water pump' }, { vectors });
    expect(found(result)).toContain(chunkId('pumps', 0));
    expect(result.coverage.complete).toBe(false);
    expect(result.coverage.sources.slice(0, 2)).toMatchObject([
      { modality: 'TEXT', method: 'DENSE', status: 'SEARCHED' },
      {
        modality: 'TEXT',
        method: 'SPARSE',
        status: 'UNAVAILABLE',
        candidates: 0,
        reason: expect.stringContaining('Milvus 2.3.5 cannot search by words'),
      },
    ]);
    expect(asked.sparse).toBe(0);
  });

  it('is asked once what it can do, and its results are remembered', async () => {
    const { asked, vectors } = withoutWords();
    const first = await library.search({ text: 'seals that wear' }, { vectors });
    const second = await library.search({ text: 'seals that wear' }, { vectors });
    expect([first.cache, second.cache]).toEqual(['MISS', 'HIT']);
    expect(second.coverage.complete).toBe(false);
    expect(asked.capabilities).toBe(1);
  });

  it('gives a complete result where no words were asked for', async () => {
    const { vectors } = withoutWords();
    const result = await library.search({ text: 'pump', mode: 'DENSE' }, { vectors });
    expect(result.coverage.complete).toBe(true);
  });

  it('fails where only words were asked for, and where nothing may be missing', async () => {
    const { vectors } = withoutWords();
    const failure = { code: 'UPSTREAM', publicMessage: expect.stringContaining('cannot search by words') };
    await expect(library.search({ text: 'pump', mode: 'SPARSE' }, { vectors })).rejects.toMatchObject(
      failure,
    );
    await expect(library.search({ text: 'pump', partial: 'FAIL_FAST' }, { vectors })).rejects.toMatchObject(
      failure,
    );
  });
});
