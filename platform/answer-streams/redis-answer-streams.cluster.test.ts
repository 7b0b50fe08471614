import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DisposableStack } from '../disposable-stack.ts';
import type { FollowedAnswer, StreamedEvent } from '../ports/answer-streams.ts';
import { openRedis } from '../redis/open-redis.ts';
import { startRedisClusterServer } from '../servers/redis-cluster-server.ts';
import { startRedisServer } from '../servers/redis-server.ts';
import { startToxiproxyServer } from '../servers/toxiproxy-server.ts';
import { eventually } from '../testing/eventually.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { createRedisAnswerStreams } from './redis-answer-streams.ts';
import { streamSeconds } from './stream-format.ts';

const answer = { tenant: 'acme: one*', answerId: 'ans_one' };

/** Events with these sequences. */
const events = (...sequences: number[]): StreamedEvent[] =>
  sequences.map((sequence) => ({ sequence, kind: 'TokenDelta', payload: { text: `word ${sequence} ü` } }));

const sequences = (followed: FollowedAnswer, after: number) =>
  followed.after(after).map(({ sequence }) => sequence);

async function setUp() {
  const stack = new DisposableStack();
  onTestFinished(() => stack[Symbol.asyncDispose]());
  const folder = stack.use(await temporaryDirectory());
  const server = stack.use(await startRedisServer({ directory: folder.path }));
  const join = async (url: string = server.url) => {
    const redis = stack.use(await openRedis({ url, logger: silentLogger, startTimeoutMs: 500 }));
    return stack.use(createRedisAnswerStreams(redis, silentLogger));
  };
  const raw = new Redis(server.url);
  raw.on('error', () => undefined);
  stack.defer(() => raw.disconnect());
  return { stack, server, join, raw };
}

describe('answers’ events as Redis streams', () => {
  it('brings events to every process that follows, old ones and new ones', async () => {
    const { join } = await setUp();
    const [maker, one, two] = [await join(), await join(), await join()];
    await maker.append(answer, events(2, 3));
    const heard: number[] = [];
    const first = one.follow(answer, (sequence) => heard.push(sequence));
    const second = two.follow(answer, () => undefined);
    await eventually(() => first.after(1).length === 2 && second.after(1).length === 2);
    expect(first.after(1)).toEqual(events(2, 3));
    expect(first.isLive).toBe(true);
    await maker.append(answer, events(4));
    await eventually(() => heard.includes(4));
    expect(sequences(first, 2)).toEqual([3, 4]);
    expect(sequences(first, 4)).toEqual([]);
    // What stood before the stream is the database's.
    expect(sequences(first, 0)).toEqual([]);
  });

  it('follows many answers on one connection, also those that are added while it waits', async () => {
    const { join, raw } = await setUp();
    const [maker, reader] = [await join(), await join()];
    const answers = Array.from({ length: 100 }, (_, index) => ({ tenant: 'acme', answerId: `ans_${index}` }));
    const followed: FollowedAnswer[] = [];
    for (const [index, one] of answers.entries()) {
      followed.push(reader.follow(one, () => undefined));
      await maker.append(one, events(2));
      if (index % 25 === 0) await eventually(() => followed[index]?.after(1).length === 1);
    }
    await eventually(() => followed.every((one) => one.after(1).length === 1));
    const clients = String(await raw.client('LIST'));
    expect(clients.match(/name=tributary-answers/g)).toHaveLength(1);
    for (const one of followed) one[Symbol.dispose]();
    const again = reader.follow({ tenant: 'acme', answerId: 'ans_0' }, () => undefined);
    await eventually(() => again.after(1).length === 1);
  });

  it('takes no event twice and none behind a later one, and shows no gap', async () => {
    const { join, raw } = await setUp();
    const [maker, reader] = [await join(), await join()];
    const followed = reader.follow(answer, () => undefined);
    await maker.append(answer, events(2, 3));
    await maker.append(answer, events(3, 2));
    await maker.append(answer, events(6, 7));
    await maker.append(answer, events(4, 5));
    await eventually(() => followed.after(6).length === 1);
    expect(sequences(followed, 5)).toEqual([6, 7]);
    expect(sequences(followed, 3)).toEqual([]);
    expect(sequences(followed, 2)).toEqual([]);
    const [key = ''] = await raw.keys('tributary:answers:*ans_one');
    expect((await raw.xrange(key, '-', '+')).map(([id]) => id)).toEqual(['2-0', '3-0', '6-0', '7-0']);
    expect(await raw.ttl(key)).toBeGreaterThan(0);
    expect(await raw.ttl(key)).toBeLessThanOrEqual(streamSeconds);
  });

  it('leaves what it cannot read to the database', async () => {
    const { join, raw } = await setUp();
    const [maker, reader] = [await join(), await join()];
    const followed = reader.follow(answer, () => undefined);
    await maker.append(answer, events(2));
    await eventually(() => followed.after(1).length === 1);
    const [key = ''] = await raw.keys('tributary:answers:*ans_one');
    await raw.xadd(key, '3-0', 'garbage', '{');
    await raw.xadd(key, '4-0', 'kind', 'TokenDelta', 'payload', '[not json');
    await maker.append(answer, events(5));
    await eventually(() => followed.after(4).length === 1);
    expect(sequences(followed, 2)).toEqual([]);
    const large = { sequence: 6, kind: 'TokenDelta', payload: { text: 'x'.repeat(70_000) } };
    await expect(maker.append(answer, [large])).rejects.toMatchObject({ code: 'UPSTREAM' });
    expect(await raw.xlen(key)).toBe(4);
  });

  it('bounds what a stream keeps', async () => {
    const { join, raw } = await setUp();
    const maker = await join();
    for (let first = 2; first < 5_000; first += 500) {
      await maker.append(answer, events(...Array.from({ length: 500 }, (_, index) => first + index)));
    }
    const [key = ''] = await raw.keys('tributary:answers:*ans_one');
    expect(await raw.xlen(key)).toBeLessThan(1_200);
  });

  it('removes an answer everywhere, for good', async () => {
    const { join, raw } = await setUp();
    const [maker, reader, purger] = [await join(), await join(), await join()];
    const other = { tenant: 'acme', answerId: 'ans_other' };
    await maker.append(answer, events(2, 3));
    await maker.append(other, events(2));
    const heard: number[] = [];
    const followed = reader.follow(answer, (sequence) => heard.push(sequence));
    await eventually(() => followed.after(1).length === 2);
    const missing = { tenant: 'acme', answerId: 'ans_missing' };
    expect(await purger.purge([answer, missing])).toEqual([true, false]);
    expect(await purger.purge([answer, missing])).toEqual([false, false]);
    await eventually(() => heard.includes(Number.POSITIVE_INFINITY) && followed.after(1).length === 0);
    expect(followed.isLive).toBe(false);
    // One that was committed before, and comes late.
    await maker.append(answer, events(4));
    await maker.append(missing, events(4));
    const keys = await raw.keys('tributary:answers:*ans_*');
    const stored = await Promise.all(keys.map((key) => raw.xrange(key, '-', '+')));
    expect(JSON.stringify(stored).match(/word/g)).toHaveLength(1);
    expect(await purger.purgeTenant('acme')).toBe(1);
    await maker.append(other, events(3));
    const left = await Promise.all(keys.map((key) => raw.xrange(key, '-', '+')));
    expect(JSON.stringify(left)).not.toContain('word');
  });

  it('goes on where Redis was killed and came back empty', async () => {
    const { server, join } = await setUp();
    const [maker, reader] = [await join(), await join()];
    const heard: number[] = [];
    const followed = reader.follow(answer, (sequence) => heard.push(sequence));
    await maker.append(answer, events(2, 3));
    await eventually(() => followed.after(1).length === 2);
    await server.kill();
    await eventually(() => !followed.isLive);
    await eventually(() => heard.includes(Number.POSITIVE_INFINITY));
    expect(maker.degraded()).toContain('cannot be reached');
    await expect(maker.append(answer, events(4))).rejects.toThrow();
    await expect(maker.purge([answer])).rejects.toMatchObject({ code: 'UPSTREAM', service: 'redis' });
    await server.start();
    await eventually(() => maker.degraded() === null && followed.isLive);
    await maker.append(answer, events(5));
    await eventually(() => followed.after(4).length === 1);
    expect(sequences(followed, 3)).toEqual([]);
    await maker.append(answer, events(6));
    await eventually(() => followed.after(4).length === 2);
  });

  it('notices when Redis does not answer any more, and when it does again', async () => {
    const { stack, server, join } = await setUp();
    const toxiproxy = stack.use(await startToxiproxyServer());
    const proxy = await toxiproxy.proxy('redis', server.port);
    const [maker, reader] = [await join(), await join(`redis://127.0.0.1:${proxy.port}`)];
    const followed = reader.follow(answer, () => undefined);
    await maker.append(answer, events(2));
    await eventually(() => followed.after(1).length === 1);
    const mend = await proxy.poison({ type: 'timeout', stream: 'downstream', attributes: { timeout: 0 } });
    await eventually(() => !followed.isLive, { timeoutMs: 20_000 });
    await maker.append(answer, events(3));
    await mend();
    await eventually(() => followed.after(1).length === 2, { timeoutMs: 20_000 });
    expect(followed.isLive).toBe(true);
  });

  it('works in a Redis Cluster', async () => {
    const { stack, join } = await setUp();
    const cluster = stack.use(await startRedisClusterServer());
    const [maker, reader] = [await join(cluster.url), await join(cluster.url)];
    const answers = Array.from({ length: 20 }, (_, index) => ({ tenant: 'acme', answerId: `ans_${index}` }));
    const followed = answers.map((one) => reader.follow(one, () => undefined));
    for (const one of answers) await maker.append(one, events(2, 3));
    await eventually(() => followed.every((one) => one.after(1).length === 2));
    expect(followed.every((one) => one.isLive)).toBe(true);
    expect(await maker.purge(answers.slice(0, 5))).toEqual([true, true, true, true, true]);
    expect(await maker.purgeTenant('acme')).toBe(15);
    await eventually(() => followed.every((one) => one.after(1).length === 0));
  });
});
