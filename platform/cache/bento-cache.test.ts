import { describe, expect, it } from 'vitest';
import { silentLogger } from '../testing/silent-logger.ts';
import { openBentoCache } from './bento-cache.ts';
import { ask, cacheContract } from './cache.contract.ts';

const open = async ({ maxBytes }: { maxBytes: number }) => {
  const cache = await openBentoCache({ maxBytes, shared: null, logger: silentLogger });
  return { cache, [Symbol.asyncDispose]: () => cache[Symbol.asyncDispose]() };
};

cacheContract(open);

describe('a cache in one process', () => {
  const text = 'x'.repeat(10_000);
  const put = (cache: Awaited<ReturnType<typeof open>>['cache'], key: string, value = text) =>
    cache.getOrCompute(
      { key, parse: String, compute: async () => ({ value, options: { tags: [key], ttlMs: 60_000 } }) },
      new AbortController().signal,
    );

  it('keeps to its memory: what was asked for longest ago makes room', async () => {
    await using opened = await open({ maxBytes: 100_000 });
    const { cache } = opened;
    for (let index = 0; index < 8; index++) await put(cache, `key ${index}`);
    expect((await put(cache, 'key 0')).outcome).toBe('HIT');
    for (let index = 8; index < 12; index++) await put(cache, `key ${index}`);
    expect((await put(cache, 'key 11')).outcome).toBe('HIT');
    expect((await put(cache, 'key 0')).outcome).toBe('HIT');
    expect((await put(cache, 'key 1')).outcome).toBe('MISS');
    // Its tags went with it.
    expect(await cache.removeTagged(['key 2'])).toEqual({ removed: 0, complete: true });
  });

  it('does not take in what is larger than it', async () => {
    await using opened = await open({ maxBytes: 10_000 });
    expect((await put(opened.cache, 'large')).outcome).toBe('BYPASS');
    expect((await put(opened.cache, 'small', 'x')).outcome).toBe('MISS');
    expect((await put(opened.cache, 'small', 'x')).outcome).toBe('HIT');
  });

  it('remembers nothing where it has no memory, and still works one thing out once', async () => {
    await using opened = await open({ maxBytes: 0 });
    let computations = 0;
    const asked = Array.from({ length: 10 }, () => ask(opened.cache, 'a', async () => ++computations));
    for (const { outcome } of await Promise.all(asked)) expect(outcome).toBe('BYPASS');
    expect(computations).toBe(1);
    expect((await ask(opened.cache, 'a', () => 2)).outcome).toBe('BYPASS');
  });
});
