import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DisposableStack } from '../disposable-stack.ts';
import { createRedisMessageBus } from '../message-bus/redis-message-bus.ts';
import { openRedis } from '../redis/open-redis.ts';
import { type RedisServer, startRedisServer } from '../servers/redis-server.ts';
import {
  type Proxy as ServerProxy,
  startToxiproxyServer,
  type ToxiproxyServer,
} from '../servers/toxiproxy-server.ts';
import { eventually } from '../testing/eventually.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { openBentoCache } from './bento-cache.ts';
import { ask, cacheContract, gate, type OpenedCache } from './cache.contract.ts';

const stack = new DisposableStack();
let server: RedisServer;
let toxiproxy: ToxiproxyServer;
beforeAll(async () => {
  const directory = stack.use(await temporaryDirectory());
  // What it holds is there again after a crash: what was removed while it was away must not be.
  server = stack.use(await startRedisServer({ directory: directory.path, appendOnly: true }));
  toxiproxy = stack.use(await startToxiproxyServer());
});
afterAll(() => stack[Symbol.asyncDispose]());

/** One process's cache, over a way of its own to the server. */
async function openInstance(url = server.url, maxBytes = 1024 * 1024): Promise<OpenedCache> {
  const redis = await openRedis({ url, logger: silentLogger });
  const bus = createRedisMessageBus(redis, silentLogger);
  const cache = await openBentoCache({ maxBytes, shared: { redis, bus }, logger: silentLogger });
  return {
    cache,
    async [Symbol.asyncDispose]() {
      await cache[Symbol.asyncDispose]();
      await bus[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}

async function emptyRedis(): Promise<void> {
  await using redis = await openRedis({ url: server.url, logger: silentLogger });
  await redis.client.flushall();
}

describe('with memory before Redis', () => {
  cacheContract(async ({ maxBytes }) => {
    await emptyRedis();
    return openInstance(server.url, maxBytes);
  });
});

describe('with Redis alone', () => {
  cacheContract(async () => {
    await emptyRedis();
    return openInstance(server.url, 0);
  });
});

describe('two processes with one Redis', () => {
  let one: OpenedCache;
  let two: OpenedCache;
  beforeEach(async () => {
    await emptyRedis();
    [one, two] = await Promise.all([openInstance(), openInstance()]);
  });
  afterEach(async () => {
    await one[Symbol.asyncDispose]();
    await two[Symbol.asyncDispose]();
  });

  it('remember for each other', async () => {
    expect(await ask(one.cache, 'a', () => 1)).toEqual({ value: 1, outcome: 'MISS' });
    expect(await ask(two.cache, 'a', () => 2)).toEqual({ value: 1, outcome: 'HIT' });
  });

  it('see a removal of the other as soon as it has resolved', async () => {
    for (let round = 0; round < 50; round++) {
      const tags = [`document ${round}`];
      await ask(one.cache, 'a', () => round, { tags });
      expect((await ask(two.cache, 'a', () => -1)).value).toBe(round);
      expect(await one.cache.removeTagged(tags)).toEqual({ removed: 1, complete: true });
      // From its memory neither: it had the value there.
      expect(await ask(two.cache, 'a', () => -2, { tags: ['other'] })).toEqual({
        value: -2,
        outcome: 'MISS',
      });
      await two.cache.removeTagged(['other']);
    }
  });

  it('does not remember what rests on something that the other removed meanwhile', async () => {
    const may = gate();
    const begun = gate();
    const early = ask(
      two.cache,
      'a',
      async () => {
        begun.open();
        await may.opened;
        return 1;
      },
      { tags: ['x'] },
    );
    await begun.opened;
    await one.cache.removeTagged(['x']);
    const late = ask(two.cache, 'a', () => 2, { tags: ['x'] });
    expect((await late).value).toBe(2);
    may.open();
    expect((await early).outcome).toBe('BYPASS');
    expect((await ask(one.cache, 'a', () => 3)).value).toBe(2);
  });

  it('never give a value of before a removal, whoever asks when', async () => {
    let truth = 0;
    let acknowledged = 0;
    let answers = 0;
    let hits = 0;
    const old: string[] = [];
    let going = true;
    const asking = [one, two, one, two].map(async ({ cache }) => {
      while (going) {
        const least = acknowledged;
        const wasKnown = cache.degraded() === null;
        const read = async () => {
          const value = truth;
          // What it rests on may change while it is worked out.
          await new Promise(setImmediate);
          return value;
        };
        const { value, outcome } = await ask(cache, 'a', read, { tags: ['x'] });
        answers++;
        if (outcome === 'HIT') hits++;
        // While Redis does not answer in time, others’ removals are not known, and nothing is remembered.
        const known = wasKnown && cache.degraded() === null;
        if (known && value < least) old.push(`${outcome} ${value}, and ${least} was acknowledged`);
      }
    });
    for (let round = 1; round <= 300; round++) {
      truth = round;
      const { complete } = await (round % 2 === 0 ? one : two).cache.removeTagged(['x']);
      if (complete) acknowledged = round;
      const enough = answers + 4;
      await eventually(() => answers > enough);
    }
    going = false;
    await Promise.all(asking);
    expect(old).toEqual([]);
    expect(hits).toBeGreaterThan(0);
  });
});

describe('when Redis goes', () => {
  let one: OpenedCache;
  let two: OpenedCache;
  beforeEach(async () => {
    await emptyRedis();
    [one, two] = await Promise.all([openInstance(), openInstance()]);
  });
  afterEach(async () => {
    await one[Symbol.asyncDispose]();
    await two[Symbol.asyncDispose]();
  });

  it('works everything out, says so, and comes back without what was removed meanwhile', async () => {
    await ask(one.cache, 'a', () => 1, { tags: ['x'] });
    await ask(one.cache, 'b', () => 1, { tags: ['y'] });
    expect((await ask(two.cache, 'a', () => -1)).value).toBe(1);

    await server.kill();
    try {
      await eventually(() => one.cache.degraded() !== null && two.cache.degraded() !== null);
      expect(one.cache.degraded()).toContain('Redis');
      expect(await ask(two.cache, 'a', () => 2, { tags: ['x'] })).toEqual({ value: 2, outcome: 'BYPASS' });
      expect(await one.cache.removeTagged(['x'])).toEqual({ removed: 0, complete: false });
    } finally {
      await server.start();
    }
    // The other one is back first, or not: in no case it gives what was removed.
    const values: number[] = [];
    await eventually(async () => {
      const { value, outcome } = await ask(two.cache, 'a', () => 3, { tags: ['x'] });
      values.push(value);
      return outcome === 'HIT';
    });
    expect(new Set(values)).toEqual(new Set([3]));
    await eventually(() => one.cache.degraded() === null);
    expect((await ask(one.cache, 'a', () => 4, { tags: ['x'] })).value).not.toBe(1);
  });

  it('still works one thing out once', async () => {
    await server.kill();
    try {
      await eventually(() => one.cache.degraded() !== null);
      const may = gate();
      let computations = 0;
      const asked = Array.from({ length: 20 }, () =>
        ask(one.cache, 'a', async () => {
          computations++;
          await may.opened;
          return 1;
        }),
      );
      await eventually(() => computations > 0);
      may.open();
      await Promise.all(asked);
      expect(computations).toBe(1);
    } finally {
      await server.start();
    }
  });

  it('starts without it, and finds it later', async () => {
    await server.kill();
    let late: OpenedCache | undefined;
    try {
      late = await openInstance();
      expect(late.cache.degraded()).not.toBeNull();
      expect((await ask(late.cache, 'a', () => 1)).outcome).toBe('BYPASS');
    } finally {
      await server.start();
    }
    const { cache } = late;
    await eventually(() => cache.degraded() === null);
    expect((await ask(cache, 'a', () => 1)).outcome).toBe('MISS');
    await late[Symbol.asyncDispose]();
  });
});

describe('on a bad way to Redis', () => {
  let proxy: ServerProxy;
  let proxies = 0;
  let far: OpenedCache;
  let near: OpenedCache;
  beforeEach(async () => {
    await emptyRedis();
    proxy = await toxiproxy.proxy(`redis-${++proxies}`, server.port);
    far = await openInstance(`redis://127.0.0.1:${proxy.port}`);
    near = await openInstance();
  });
  afterEach(async () => {
    await far[Symbol.asyncDispose]();
    await near[Symbol.asyncDispose]();
  });

  it.each(['upstream', 'downstream'] as const)('does not wait for one that is slow %s', async (stream) => {
    await ask(far.cache, 'a', () => 1);
    const heal = await proxy.poison({ type: 'latency', stream, attributes: { latency: 5_000 } });
    const outcomes: string[] = [];
    // The first may wait for a moment; then nobody does.
    for (let index = 0; index < 50; index++) outcomes.push((await ask(far.cache, 'a', () => 2)).outcome);
    expect(new Set(outcomes)).toEqual(new Set(['BYPASS']));
    expect(far.cache.degraded()).toContain('Redis');
    await heal();
    await eventually(() => far.cache.degraded() === null, { timeoutMs: 20_000 });
    expect((await ask(far.cache, 'b', () => 2)).outcome).toBe('MISS');
  });

  it('gives up what it could not remove, as soon as it is back', async () => {
    await ask(near.cache, 'a', () => 1, { tags: ['x'] });
    expect((await ask(far.cache, 'a', () => -1)).value).toBe(1);
    await proxy.cut();
    await eventually(() => far.cache.degraded() !== null);
    expect((await far.cache.removeTagged(['x'])).complete).toBe(false);
    expect((await ask(far.cache, 'a', () => 2)).outcome).toBe('BYPASS');
    await proxy.restore();
    await eventually(() => far.cache.degraded() === null);
    expect((await ask(far.cache, 'a', () => 3)).value).toBe(3);
    expect((await ask(near.cache, 'a', () => 4)).value).toBe(3);
  });

  it('takes damaged values for none', async () => {
    await ask(near.cache, 'a', () => 1);
    {
      await using redis = await openRedis({ url: server.url, logger: silentLogger });
      const [name] = await redis.client.keys('tributary:cache:*');
      if (name === undefined) throw new Error('there is no value');
      for (const garbage of ['{', 'null', '"text"', '[]', '{"value":"one"}', '\u0000\u0001']) {
        await redis.client.set(name, garbage);
        // One that has it in memory already reads it there.
        await using fresh = await openInstance();
        const { value } = await ask(fresh.cache, 'a', () => 2, { ttlMs: 0 });
        expect(value).toBe(2);
        expect(fresh.cache.degraded()).toBeNull();
      }
      await redis.client.del(name);
    }
    await using fresh = await openInstance();
    expect(await ask(fresh.cache, 'a', () => 3)).toEqual({ value: 3, outcome: 'MISS' });
  });

  it('says when Redis is full, and goes on reading', async () => {
    await ask(near.cache, 'a', () => 1, { tags: ['x'] });
    await using redis = await openRedis({ url: server.url, logger: silentLogger });
    await redis.client.config('SET', 'maxmemory', '1mb');
    try {
      await eventually(async () => (await ask(near.cache, 'b', () => 1)).outcome === 'BYPASS');
      expect(near.cache.degraded()).toContain('Nothing new is remembered');
      expect((await ask(far.cache, 'a', () => 2)).outcome).toBe('HIT');
      // Removing needs no memory.
      expect(await near.cache.removeTagged(['x'])).toEqual({ removed: 1, complete: true });
    } finally {
      await redis.client.config('SET', 'maxmemory', '0');
    }
    expect((await ask(near.cache, 'b', () => 1)).outcome).toBe('MISS');
    expect(near.cache.degraded()).toBeNull();
  });
});
