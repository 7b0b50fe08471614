import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BlobStore } from '../ports/blob-store.ts';
import { collect } from '../testing/collect.ts';

/** What every blob store promises; `open` gives a fresh, empty one, closed by the suite. */
export function describeBlobStore(name: string, open: () => Promise<BlobStore>): void {
  describe(`the blob store contract: ${name}`, () => {
    const maxBytes = 1_000_000;
    const allKeys = async (store: BlobStore, prefix = '') => (await collect(store.list(prefix))).sort();

    it('gives back what was put in, with its size and hash', async () => {
      await using store = await open();
      const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) % 251));
      const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 200_000), bytes.subarray(200_000)];
      const put = await store.put('tenant/doc_1/v1.bin', streamOf(...pieces), { maxBytes });
      expect(put).toEqual({ byteSize: 300_000, sha256: createHash('sha256').update(bytes).digest('hex') });
      const { byteSize, content } = await read(store, 'tenant/doc_1/v1.bin');
      expect(byteSize).toBe(300_000);
      expect(content.equals(bytes)).toBe(true);
    });

    it('gives a part of what was put in', async () => {
      await using store = await open();
      const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 31) % 251));
      await store.put('a', streamOf(bytes), { maxBytes });
      for (const [start, end] of [
        [0, 1],
        [70_000, 199_999],
        [199_999, 200_000],
        [0, 200_000],
        [5, 5],
      ] as const) {
        const { byteSize, stream } = await store.get('a', undefined, { start, end });
        expect(byteSize).toBe(200_000);
        expect(Buffer.concat(await collect(stream)).equals(bytes.subarray(start, end))).toBe(true);
      }
    });

    it('keeps an empty blob', async () => {
      await using store = await open();
      expect(await store.put('empty', streamOf(), { maxBytes })).toMatchObject({ byteSize: 0 });
      expect((await read(store, 'empty')).content).toHaveLength(0);
    });

    it('replaces a blob that is put again', async () => {
      await using store = await open();
      await store.put('a', streamOf('first, and long'), { maxBytes });
      await store.put('a', streamOf('second'), { maxBytes });
      expect(String((await read(store, 'a')).content)).toBe('second');
      expect(await allKeys(store)).toEqual(['a']);
    });

    it('says NOT_FOUND for a key that was never put, and for a folder of keys', async () => {
      await using store = await open();
      await store.put('a/b', streamOf('x'), { maxBytes });
      await expect(store.get('b')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(store.get('a')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    it('takes exactly maxBytes, and refuses one more without leaving anything', async () => {
      await using store = await open();
      await store.put('whole', streamOf('12345', '67890'), { maxBytes: 10 });
      await expect(
        store.put('more', streamOf('12345', '67890', '1'), { maxBytes: 10 }),
      ).rejects.toMatchObject({
        code: 'REJECTED_INPUT',
        reason: 'TOO_LARGE',
      });
      expect(await allKeys(store)).toEqual(['whole']);
    });

    it('keeps the old blob when the bytes of a new one break off', async () => {
      await using store = await open();
      await store.put('a', streamOf('old'), { maxBytes });
      async function* broken() {
        yield Buffer.from('ne');
        throw new Error('the client went away');
      }
      await expect(store.put('a', broken(), { maxBytes })).rejects.toThrow('the client went away');
      await expect(store.put('b', broken(), { maxBytes })).rejects.toThrow('the client went away');
      expect(String((await read(store, 'a')).content)).toBe('old');
      expect(await allKeys(store)).toEqual(['a']);
    });

    it('stops at once when aborted, also while it waits for bytes, and leaves nothing', async () => {
      await using store = await open();
      const abort = new AbortController();
      let waiting = () => {};
      const isWaiting = new Promise<void>((resolve) => {
        waiting = resolve;
      });
      async function* hanging() {
        yield Buffer.from('some');
        waiting();
        await new Promise(() => {});
      }
      const put = store.put('a', hanging(), { maxBytes, signal: abort.signal });
      const outcome = expect(put).rejects.toThrow('enough');
      await isWaiting;
      abort.abort(new Error('enough'));
      await outcome;
      expect(await allKeys(store)).toEqual([]);
    });

    it('does nothing for a signal that was aborted before', async () => {
      await using store = await open();
      await store.put('a', streamOf('x'), { maxBytes });
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(store.put('b', streamOf('x'), { maxBytes, signal })).rejects.toThrow('enough');
      await expect(store.get('a', signal)).rejects.toThrow('enough');
      await expect(store.delete('a', signal)).rejects.toThrow('enough');
      expect(await allKeys(store)).toEqual(['a']);
    });

    it('deletes, and says whether there was anything', async () => {
      await using store = await open();
      await store.put('a/b/c', streamOf('x'), { maxBytes });
      expect(await store.delete('a/b/c')).toBe(true);
      expect(await store.delete('a/b/c')).toBe(false);
      await expect(store.get('a/b/c')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await allKeys(store)).toEqual([]);
    });

    it('lists every key with a prefix, wherever the prefix ends', async () => {
      await using store = await open();
      const keys = ['a/b', 'a/bc', 'a/bd/c', 'ab/c', 'b'];
      for (const key of keys) await store.put(key, streamOf(key), { maxBytes });
      expect(await allKeys(store)).toEqual([...keys].sort());
      expect(await allKeys(store, 'a/b')).toEqual(['a/b', 'a/bc', 'a/bd/c']);
      expect(await allKeys(store, 'a/')).toEqual(['a/b', 'a/bc', 'a/bd/c']);
      expect(await allKeys(store, 'a')).toEqual(['a/b', 'a/bc', 'a/bd/c', 'ab/c']);
      expect(await allKeys(store, 'none/')).toEqual([]);
      expect(String((await read(store, 'a/b')).content)).toBe('a/b');
    });

    it('tells the size of a blob, and copies one', async () => {
      await using store = await open();
      await store.put('a/b', streamOf('twelve bytes'), { maxBytes });
      expect(await store.size('a/b')).toBe(12);
      expect(await store.size('a/c')).toBeNull();
      expect(await store.size('a')).toBeNull();
      await store.copy('a/b', 'c/d');
      await store.delete('a/b');
      expect(String((await read(store, 'c/d')).content)).toBe('twelve bytes');
      await expect(store.copy('a/b', 'c/e')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await allKeys(store)).toEqual(['c/d']);
    });

    it.each([
      '',
      '/a',
      'a/',
      'a//b',
      '..',
      '../a',
      'a/../../b',
      '.hidden',
      'a\\b',
      'a b',
      'a\0',
      'ä',
      'a'.repeat(1000),
    ])('refuses the key %j', async (key) => {
      await using store = await open();
      const refusal = { code: 'REJECTED_INPUT', reason: 'BLOB_KEY' };
      await expect(store.put(key, streamOf('x'), { maxBytes })).rejects.toMatchObject(refusal);
      await expect(store.get(key)).rejects.toMatchObject(refusal);
      await expect(store.delete(key)).rejects.toMatchObject(refusal);
    });

    it('keeps one whole blob when several are put at the same key at once', async () => {
      await using store = await open();
      const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(100_000));
      await Promise.all(texts.map((text) => store.put('a/b', streamOf(text), { maxBytes })));
      expect(texts).toContain(String((await read(store, 'a/b')).content));
      expect(await allKeys(store)).toEqual(['a/b']);
    });
  });
}

/** The same store, that does something more when it is disposed of. */
export function disposedWith(store: BlobStore, dispose: () => Promise<void>): BlobStore {
  return {
    put: store.put.bind(store),
    get: store.get.bind(store),
    delete: store.delete.bind(store),
    list: store.list.bind(store),
    size: store.size.bind(store),
    copy: store.copy.bind(store),
    presignPut: store.presignPut.bind(store),
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await dispose();
    },
  };
}

async function* streamOf(...pieces: (string | Uint8Array)[]): AsyncIterable<Uint8Array> {
  for (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
}

async function read(store: BlobStore, key: string): Promise<{ byteSize: number; content: Buffer }> {
  const { byteSize, stream } = await store.get(key);
  return { byteSize, content: Buffer.concat(await collect(stream)) };
}
