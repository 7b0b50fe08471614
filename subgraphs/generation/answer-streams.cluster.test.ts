import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRedisAnswerStreams } from '../../platform/answer-streams/redis-answer-streams.ts';
import { DisposableStack } from '../../platform/disposable-stack.ts';
import type { AnswerStreams } from '../../platform/ports/answer-streams.ts';
import { openDatabase } from '../../platform/postgres/pg-database.ts';
import { openRedis } from '../../platform/redis/open-redis.ts';
import { type RedisServer, startRedisServer } from '../../platform/servers/redis-server.ts';
import { startToxiproxyServer } from '../../platform/servers/toxiproxy-server.ts';
import { collect } from '../../platform/testing/collect.ts';
import { eventually } from '../../platform/testing/eventually.ts';
import { silentLogger } from '../../platform/testing/silent-logger.ts';
import { temporaryDirectory } from '../../platform/testing/temporary-directory.ts';
import type { TestDatabase } from '../../platform/testing/test-database.ts';
import type { GenerationOptions } from './generation-subgraph.ts';
import { countedDatabase } from './testing/counted-database.ts';
import { scriptedLanguageModel } from './testing/scripted-language-model.ts';
import { passagesOf, scriptedRetriever } from './testing/scripted-retriever.ts';
import { freshDatabase, type SeenEvent, startGeneration } from './testing/start-generation.ts';

const passages = passagesOf([
  { text: 'The seal of pump P-101 must be serviced every 2,000 hours.', document: 'pumps' },
]);
const retriever = scriptedRetriever(passages);
const question = 'How often must the seal of pump P-101 be serviced?';
const words = Array.from({ length: 120 }, (_, index) => `word${index} `).join('');

const bytesOf = (events: readonly SeenEvent[]) => events.map((event) => JSON.stringify(event));
const textOf = (events: readonly SeenEvent[]) => events.map((event) => event.text ?? '').join('');

/** Gathers a stream's events as they come. */
function gather(stream: AsyncGenerator<SeenEvent>) {
  const events: SeenEvent[] = [];
  const ended = (async () => {
    for await (const event of stream) events.push(event);
    return events;
  })();
  ended.catch(() => undefined);
  return { events, ended };
}

async function setUp() {
  const stack = new DisposableStack();
  onTestFinished(() => stack[Symbol.asyncDispose]());
  const folder = stack.use(await temporaryDirectory());
  const server: RedisServer = stack.use(await startRedisServer({ directory: folder.path }));
  const database = await freshDatabase();
  const streams = async (url: string = server.url): Promise<AnswerStreams> => {
    const redis = stack.use(await openRedis({ url, logger: silentLogger, startTimeoutMs: 500 }));
    return stack.use(createRedisAnswerStreams(redis, silentLogger));
  };
  /** A generation subgraph with connections of its own, as in a process of its own. */
  const join = async (options: Partial<GenerationOptions> = {}) => {
    const own = stack.use(
      await openDatabase({ connection: database.connection, logger: silentLogger, poolSize: 4 }),
    );
    return startGeneration(own, { retriever, streams: await streams(), ...options });
  };
  const raw = new Redis(server.url);
  raw.on('error', () => undefined);
  stack.defer(() => raw.disconnect());
  return { stack, server, database, streams, join, raw };
}

/** Every event once and in order, the whole text, and the same bytes as the database gives. */
async function expectWhole(
  database: TestDatabase,
  id: string,
  ...readers: readonly (readonly SeenEvent[])[]
) {
  const fromDatabase = await collect((await startGeneration(database)).events({ id }));
  expect(textOf(fromDatabase)).toBe(words);
  for (const events of readers) {
    expect(events.map((event) => event.sequence)).toEqual(fromDatabase.map((_, index) => index + 1));
    expect(bytesOf(events)).toEqual(bytesOf(fromDatabase));
  }
}

const isAt = (events: readonly SeenEvent[], word: number) => () => textOf(events).includes(`word${word} `);

describe('answers in several processes, with Redis', () => {
  it('come to readers elsewhere without the database being asked for each event', async () => {
    const { stack, database, streams, join } = await setUp();
    const count = 50;
    const measure = async (own: AnswerStreams | null) => {
      const languageModel = scriptedLanguageModel(words, { allowed: 1 });
      const maker = await join({ languageModel, streams: own === null ? null : await streams() });
      const counted = countedDatabase(
        stack.use(await openDatabase({ connection: database.connection, logger: silentLogger })),
      );
      const reader = await startGeneration(counted.database, { streams: own });
      const { id } = await maker.ask({ question });
      const readers = Array.from({ length: count }, () => gather(reader.events({ id })));
      await eventually(() => readers.every(({ events }) => isAt(events, 0)()));
      const before = counted.statements();
      // One after the other, as a model writes them.
      for (let word = 1; word < 110; word++) {
        languageModel.allow(1);
        await eventually(() => readers.every(({ events }) => isAt(events, word)()));
      }
      const statements = counted.statements() - before;
      languageModel.allow(Number.POSITIVE_INFINITY);
      const all = await Promise.all(readers.map(({ ended }) => ended));
      await expectWhole(database, id, ...all);
      return statements / 109;
    };
    const without = await measure(null);
    const withStreams = await measure(await streams());
    console.log(
      `statements in the readers' process for an event that ${count} subscribers get: ${without.toFixed(2)} without Redis, ${withStreams.toFixed(2)} with it`,
    );
    expect(without).toBeGreaterThanOrEqual(1);
    expect(withStreams).toBeLessThan(without / 5);
  });

  it('lose nothing and double nothing where Redis is killed in the middle and comes back empty', async () => {
    const { server, database, join, raw } = await setUp();
    const languageModel = scriptedLanguageModel(words, { allowed: 20 });
    const maker = await join({ languageModel });
    const other = await join();
    const { id } = await maker.ask({ question });
    const [near, far] = [gather(maker.events({ id })), gather(other.events({ id }))];
    await eventually(isAt(far.events, 19));
    await server.kill();
    languageModel.allow(30);
    await eventually(isAt(far.events, 49));
    await eventually(isAt(near.events, 49));
    const late = gather(other.events({ id, after: far.events[10]?.cursor }));
    await eventually(isAt(late.events, 49));
    const health = await other.subgraph.check(AbortSignal.timeout(5_000));
    expect(health.find(({ name }) => name === 'redis')).toMatchObject({ healthy: false, optional: true });
    await server.start();
    await eventually(async () => {
      const checks = await maker.subgraph.check(AbortSignal.timeout(5_000));
      return checks.find(({ name }) => name === 'redis')?.healthy;
    });
    languageModel.allow(10);
    await eventually(isAt(far.events, 59));
    // From here on the new, empty Redis has the events.
    await eventually(async () => (await raw.keys('tributary:answers:*ans_*')).length === 1);
    languageModel.allow(Number.POSITIVE_INFINITY);
    const [first, second, third] = await Promise.all([near.ended, far.ended, late.ended]);
    await expectWhole(database, id, first, second, [...second.slice(0, 11), ...third]);
    expect(languageModel.calls).toHaveLength(1);
  });

  it('come late but whole through a slow Redis, and through one that falls silent', async () => {
    const { stack, server, database, streams, join } = await setUp();
    const toxiproxy = stack.use(await startToxiproxyServer());
    const proxy = await toxiproxy.proxy('redis', server.port);
    const url = `redis://127.0.0.1:${proxy.port}`;
    const languageModel = scriptedLanguageModel(words, { allowed: 10 });
    const maker = await join({ languageModel, streams: await streams(url) });
    const other = await join({ streams: await streams(url) });
    const { id } = await maker.ask({ question });
    const reader = gather(other.events({ id }));
    await eventually(isAt(reader.events, 9));
    const hurry = await proxy.poison({
      type: 'latency',
      stream: 'downstream',
      attributes: { latency: 300, jitter: 200 },
    });
    languageModel.allow(30);
    await eventually(isAt(reader.events, 39));
    await hurry();
    const mend = await proxy.poison({ type: 'timeout', stream: 'upstream', attributes: { timeout: 0 } });
    languageModel.allow(30);
    await eventually(isAt(reader.events, 69));
    await mend();
    await proxy.cut();
    languageModel.allow(20);
    await eventually(isAt(reader.events, 89));
    await proxy.restore();
    languageModel.allow(Number.POSITIVE_INFINITY);
    await expectWhole(database, id, await reader.ended);
  });

  it('are resumed in any process, behind any cursor, also where the stream was trimmed', async () => {
    const { database, join, raw } = await setUp();
    const languageModel = scriptedLanguageModel(words, { allowed: 60 });
    const maker = await join({ languageModel });
    const [one, two] = [await join(), await join()];
    const { id } = await maker.ask({ question });
    const seen: SeenEvent[] = [];
    for await (const event of one.events({ id })) {
      seen.push(event);
      if (isAt(seen, 59)()) break;
    }
    const [key = ''] = await raw.keys('tributary:answers:*ans_*');
    await raw.xtrim(key, 'MAXLEN', 3);
    const rest = gather(two.events({ id, after: seen[20]?.cursor }));
    await eventually(isAt(rest.events, 59));
    await raw.del(key);
    languageModel.allow(Number.POSITIVE_INFINITY);
    const resumed = gather(one.events({ id, after: seen.at(-1)?.cursor }));
    await expectWhole(
      database,
      id,
      [...seen.slice(0, 21), ...(await rest.ended)],
      [...seen, ...(await resumed.ended)],
    );
  });

  it('are finished by another process, and the one that lost them puts nothing into the stream any more', async () => {
    const { database, join, raw } = await setUp();
    const lost = scriptedLanguageModel(words, { allowed: 30 });
    const first = await join({ languageModel: lost });
    const reader = await join();
    const { id } = await first.ask({ question });
    const seen = gather(reader.events({ id }));
    await eventually(isAt(seen.events, 29));
    // It looks dead, and another one begins.
    await database.forWorker((client) =>
      client.query(`update answers set lease_until = now() - interval '1 second' where id = $1`, [id]),
    );
    const healthy = scriptedLanguageModel(words, { allowed: 30 });
    await join({ languageModel: healthy });
    await eventually(isAt(seen.events, 59));
    // The first one comes back to life.
    lost.allow(Number.POSITIVE_INFINITY);
    await eventually(() => lost.calls[0]?.signal.aborted);
    healthy.allow(Number.POSITIVE_INFINITY);
    await expectWhole(database, id, await seen.ended);
    const [key = ''] = await raw.keys('tributary:answers:*ans_*');
    const inStream = (await raw.xrange(key, '-', '+')).map(([entry]) => Number(entry.split('-')[0]));
    expect(inStream).toEqual([...new Set(inStream)].sort((a, b) => a - b));
    expect(inStream.at(-1)).toBe(seen.events.length);
  });

  it('forget the words of a deleted document everywhere', async () => {
    const { database, join, raw } = await setUp();
    const languageModel = scriptedLanguageModel(words, { allowed: 30 });
    const maker = await join({ languageModel });
    const [one, two] = [await join(), await join()];
    const { id } = await maker.ask({ question });
    const live = gather(one.events({ id }));
    await eventually(isAt(live.events, 29));
    await database.forWorker((client) =>
      client.query('select purge_document_from_answers($1, $2)', ['acme', passages[0]?.documentId]),
    );
    await live.ended;
    expect(live.events.at(-1)).toMatchObject({ __typename: 'AnswerCompleted', answer: { text: '' } });
    // Whichever process comes first removes them from Redis.
    await eventually(async () => {
      const keys = await raw.keys('tributary:answers:*ans_*');
      const stored = await Promise.all(keys.map((key) => raw.xrange(key, '-', '+')));
      return keys.length === 1 && !JSON.stringify(stored).includes('word');
    });
    await eventually(() => languageModel.calls[0]?.signal.aborted);
    for (const process of [maker, one, two]) {
      const again = await collect(process.events({ id }));
      expect(textOf(again)).toBe('');
      expect(again.map((event) => event.sequence)).toEqual(live.events.map((event) => event.sequence));
    }
    const { rows } = await database.forWorker((client) =>
      client.query<{ removed: boolean }>('select removed from answer_stream_purges'),
    );
    expect(rows).toEqual([{ removed: true }]);
  });

  it('are removed from Redis as soon as it is back, where it was away at the deletion', async () => {
    const { server, database, join } = await setUp();
    const languageModel = scriptedLanguageModel(words, { allowed: 30 });
    const maker = await join({ languageModel, leaseSeconds: 1 });
    const other = await join();
    const { id } = await maker.ask({ question });
    const live = gather(other.events({ id }));
    await eventually(isAt(live.events, 29));
    await server.kill();
    await database.forWorker((client) =>
      client.query('select purge_document_from_answers($1, $2)', ['acme', passages[0]?.documentId]),
    );
    await live.ended;
    const open = async () =>
      (
        await database.forWorker((client) =>
          client.query('select from answer_stream_purges where removed is null'),
        )
      ).rowCount;
    expect(await open()).toBe(1);
    await server.start();
    await eventually(async () => (await open()) === 0);
  });

  it('are stopped, and handed over, across processes', async () => {
    const { server, database, join } = await setUp();
    const languageModel = scriptedLanguageModel(words, { allowed: 20 });
    const maker = await join({ languageModel });
    const other = await join();
    const { id } = await maker.ask({ question });
    await eventually(async () => (await other.answer(id)).text.includes('word19'));
    expect(await other.stop(id)).toMatchObject({ state: 'STOPPED', reason: 'It was stopped by its caller.' });
    await eventually(() => languageModel.calls[0]?.signal.aborted);

    const going = scriptedLanguageModel(words, { allowed: 20 });
    const leaving = await join({ languageModel: going });
    const staying = scriptedLanguageModel(words);
    const asked = await leaving.ask({ question });
    const reader = gather(other.events({ id: asked.id }));
    await eventually(isAt(reader.events, 19));
    await maker.subgraph[Symbol.asyncDispose]();
    await join({ languageModel: staying });
    // Redis' being away keeps nobody from leaving.
    await server.kill();
    await leaving.subgraph[Symbol.asyncDispose]();
    await expectWhole(database, asked.id, await reader.ended);
  });
});
