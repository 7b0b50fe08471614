import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cache, CacheEntryOptions } from '../ports/cache.ts';
import { eventually } from '../testing/eventually.ts';

export interface OpenedCache extends AsyncDisposable {
  readonly cache: Cache;
}

const never = new AbortController().signal;

export const readNumber = (value: unknown): number => {
  if (typeof value === 'number') return value;
  throw new TypeError('not a number');
};

/** Asks for a number that is worked out by `make`. */
export function ask(
  cache: Cache,
  key: string,
  make: () => number | Promise<number>,
  {
    tags = [],
    ttlMs = 60_000,
    signal = new AbortController().signal,
    together = '',
  }: Partial<CacheEntryOptions> & { readonly signal?: AbortSignal; readonly together?: string } = {},
) {
  return cache.getOrCompute(
    {
      key,
      together,
      parse: readNumber,
      compute: async () => ({ value: await make(), options: { tags, ttlMs } }),
    },
    signal,
  );
}

/** Something that a test lets happen. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** What every cache promises; `open` gives one that has nothing in it. */
export function cacheContract(open: (options: { maxBytes: number }) => Promise<OpenedCache>): void {
  let opened: OpenedCache;
  let cache: Cache;
  beforeEach(async () => {
    opened = await open({ maxBytes: 1024 * 1024 });
    cache = opened.cache;
  });
  afterEach(() => opened[Symbol.asyncDispose]());

  describe('a cache', () => {
    it('remembers what was worked out', async () => {
      expect(await ask(cache, 'a', () => 1)).toEqual({ value: 1, outcome: 'MISS' });
      expect(await ask(cache, 'a', () => 2)).toEqual({ value: 1, outcome: 'HIT' });
      expect(await ask(cache, 'b', () => 3)).toEqual({ value: 3, outcome: 'MISS' });
      expect(cache.degraded()).toBeNull();
    });

    it('keeps any JSON, and any key', async () => {
      const value = { text: 'Ünïcode “quotes” 😀', numbers: [0.1, -1e-9, 5e300], nothing: null };
      for (const key of ['#', 'a#b', 'ключ', '{x}', ' ', 'k'.repeat(4_000)]) {
        const request = {
          key,
          parse: (given: unknown) => given,
          compute: async () => ({ value: { ...value, key }, options: { tags: ['#', 'a b'], ttlMs: 60_000 } }),
        };
        expect(await cache.getOrCompute<unknown>(request, never)).toEqual({
          value: { ...value, key },
          outcome: 'MISS',
        });
        expect(await cache.getOrCompute<unknown>(request, never)).toEqual({
          value: { ...value, key },
          outcome: 'HIT',
        });
      }
      expect(await cache.removeTagged(['#'])).toEqual({ removed: 6, complete: true });
    });

    it('does not remember what may not be, nor what has failed', async () => {
      const unsure = { key: 'a', parse: readNumber, compute: async () => ({ value: 1, options: null }) };
      expect(await cache.getOrCompute(unsure, never)).toEqual({ value: 1, outcome: 'BYPASS' });
      expect(await ask(cache, 'a', () => 2, { ttlMs: 0 })).toEqual({ value: 2, outcome: 'BYPASS' });
      const failing = ask(cache, 'a', () => {
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await ask(cache, 'a', () => 3)).toEqual({ value: 3, outcome: 'MISS' });
    });

    it('forgets after its time', async () => {
      await ask(cache, 'a', () => 1, { ttlMs: 60 });
      const again = await eventually(async () => {
        const { value, outcome } = await ask(cache, 'a', () => 2, { ttlMs: 60_000 });
        return outcome === 'MISS' && value;
      });
      expect(again).toBe(2);
    });

    it('works out anew what cannot be read, and replaces it', async () => {
      const text = {
        key: 'a',
        parse: String,
        compute: async () => ({ value: 'one', options: { tags: [], ttlMs: 60_000 } }),
      };
      await cache.getOrCompute(text, never);
      expect(await ask(cache, 'a', () => 2)).toEqual({ value: 2, outcome: 'MISS' });
      expect(await ask(cache, 'a', () => 3)).toEqual({ value: 2, outcome: 'HIT' });
    });

    it('works one thing out once, for all who wait for it', async () => {
      const may = gate();
      let computations = 0;
      const asked = Array.from({ length: 100 }, () =>
        ask(cache, 'a', async () => {
          computations++;
          await may.opened;
          return 7;
        }),
      );
      await eventually(() => computations > 0);
      may.open();
      for (const { value } of await Promise.all(asked)) expect(value).toBe(7);
      expect(computations).toBe(1);
    });

    it('works one thing out for each of those who agree, and remembers it for all', async () => {
      const may = gate();
      let computations = 0;
      const slowly = async () => {
        computations++;
        await may.opened;
        return 7;
      };
      const asked = ['1', '2', '1', '2'].map((together) => ask(cache, 'a', slowly, { together }));
      await eventually(() => computations === 2);
      may.open();
      await Promise.all(asked);
      expect(computations).toBe(2);
      expect(await ask(cache, 'a', slowly, { together: '3' })).toEqual({ value: 7, outcome: 'HIT' });
    });

    it('fails all who wait for what fails, once', async () => {
      let computations = 0;
      const asked = Array.from({ length: 5 }, () =>
        ask(cache, 'a', async () => {
          computations++;
          await Promise.resolve();
          throw new Error(`failed ${computations}`);
        }),
      );
      for (const { status } of await Promise.allSettled(asked)) expect(status).toBe('rejected');
      expect(computations).toBeLessThan(5);
    });

    it('lets one stop waiting without the others, and stops when nobody waits', async () => {
      const may = gate();
      const stopped: boolean[] = [];
      const request = (signal: AbortSignal) =>
        cache.getOrCompute(
          {
            key: 'a',
            parse: readNumber,
            async compute(stop) {
              stop.addEventListener('abort', () => stopped.push(true), { once: true });
              begun.open();
              await may.opened;
              return { value: 1, options: { tags: [], ttlMs: 60_000 } };
            },
          },
          signal,
        );
      let begun = gate();
      const first = new AbortController();
      const leaving = request(first.signal);
      const staying = request(never);
      await begun.opened;
      // What was asked later is answered later: the one before waits by now.
      await ask(cache, 'later', () => 1);
      first.abort(new Error('gone'));
      await expect(leaving).rejects.toThrow('gone');
      expect(stopped).toEqual([]);
      may.open();
      expect((await staying).value).toBe(1);

      await expect(request(AbortSignal.abort(new Error('never there')))).rejects.toThrow('never there');

      const alone = new AbortController();
      begun = gate();
      const last = cache.getOrCompute(
        {
          key: 'b',
          parse: readNumber,
          compute: (stop) =>
            new Promise((_, reject) => {
              begun.open();
              stop.addEventListener('abort', () => {
                stopped.push(true);
                reject(new Error('stopped'));
              });
            }),
        },
        alone.signal,
      );
      await begun.opened;
      stopped.length = 0;
      alone.abort(new Error('gone, too'));
      await expect(last).rejects.toThrow('gone, too');
      expect(stopped).toEqual([true]);
    });

    it('removes by tag, and nothing else', async () => {
      await ask(cache, 'a', () => 1, { tags: ['x', 'y'] });
      await ask(cache, 'b', () => 1, { tags: ['y', 'z'] });
      await ask(cache, 'c', () => 1, { tags: ['z'] });
      await ask(cache, 'd', () => 1);
      expect(await cache.removeTagged(['x', 'y', 'unknown'])).toEqual({ removed: 2, complete: true });
      expect(await cache.removeTagged(['x', 'y'])).toEqual({ removed: 0, complete: true });
      expect(await cache.removeTagged([])).toEqual({ removed: 0, complete: true });
      expect((await ask(cache, 'a', () => 2)).value).toBe(2);
      expect((await ask(cache, 'b', () => 2)).value).toBe(2);
      expect((await ask(cache, 'c', () => 2)).value).toBe(1);
      expect((await ask(cache, 'd', () => 2)).value).toBe(1);
      // Only what has the tag now.
      expect(await cache.removeTagged(['z'])).toEqual({ removed: 1, complete: true });
      expect((await ask(cache, 'b', () => 3)).value).toBe(2);
    });

    it('neither remembers nor gives to newcomers what rests on something removed meanwhile', async () => {
      const may = gate();
      const begun = gate();
      const early = ask(
        cache,
        'a',
        async () => {
          begun.open();
          await may.opened;
          return 1;
        },
        { tags: ['x'] },
      );
      await begun.opened;
      await cache.removeTagged(['x']);
      const late = await ask(cache, 'a', () => 2, { tags: ['x'] });
      expect(late).toEqual({ value: 2, outcome: 'MISS' });
      may.open();
      expect(await early).toEqual({ value: 1, outcome: 'BYPASS' });
      expect(await ask(cache, 'a', () => 3)).toEqual({ value: 2, outcome: 'HIT' });
    });

    it('remembers what was worked out while something else was removed', async () => {
      const may = gate();
      const begun = gate();
      const asked = ask(
        cache,
        'a',
        async () => {
          begun.open();
          await may.opened;
          return 1;
        },
        { tags: ['x'] },
      );
      await begun.opened;
      await cache.removeTagged(['y']);
      may.open();
      expect((await asked).outcome).toBe('MISS');
      expect((await ask(cache, 'a', () => 2)).outcome).toBe('HIT');
    });

    it('takes many tags', async () => {
      const tags = Array.from({ length: 1_000 }, (_, index) => `document ${index}`);
      await ask(cache, 'a', () => 1, { tags });
      expect(await cache.removeTagged(tags)).toEqual({ removed: 1, complete: true });
    });
  });
}
