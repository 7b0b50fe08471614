import { createHash } from 'node:crypto';
import { upstream } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type {
  AnswerStreams,
  FollowedAnswer,
  StreamedAnswer,
  StreamedEvent,
} from '../ports/answer-streams.ts';
import type { RedisClient, RedisConnection } from '../redis/redis-connection.ts';
import { RedisStreamReader } from './redis-stream-reader.ts';
import { closingId, streamSeconds } from './stream-format.ts';

/** About how many events a stream keeps; who is further behind reads the database. */
const keptEvents = 1_000;
/** Larger events go by the database alone. */
const maxEventBytes = 64 * 1024;
/** The most appends under way; more are given up, so that a slow Redis fills no memory. */
const maxUnderWay = 1_000;
/** In a Cluster, over how many places the streams are spread; each takes a connection of its own. */
const clusterLanes = 4;

/**
 * Empties a stream and closes it for good: the entry that is left has the highest number that there is, and Redis
 * takes none behind it. Returns whether there was anything.
 */
const closeScript = `
  local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
  if newest[1] and newest[1][1] == ARGV[1] then return 0 end
  local removed = redis.call('DEL', KEYS[1])
  redis.call('XADD', KEYS[1], ARGV[1], 'closed', '1')
  redis.call('EXPIRE', KEYS[1], ARGV[2])
  return removed`;

/**
 * Answers' events as Redis streams, one for each answer. An entry's id is the event's sequence, so that Redis
 * itself refuses what is there already. Readers share one blocking read a process (in a Cluster four). Does not
 * own the connection.
 */
export function createRedisAnswerStreams(redis: RedisConnection, logger: Logger): AnswerStreams {
  return new RedisAnswerStreams(redis, logger);
}

class RedisAnswerStreams implements AnswerStreams {
  readonly #redis: RedisConnection;
  readonly #logger: Logger;
  readonly #lanes: number;
  readonly #readers = new Map<number, RedisStreamReader>();
  #underWay = 0;

  constructor(redis: RedisConnection, logger: Logger) {
    this.#redis = redis;
    this.#logger = logger;
    this.#lanes = redis.kind === 'cluster' ? clusterLanes : 1;
  }

  async append(answer: StreamedAnswer, events: readonly StreamedEvent[]): Promise<void> {
    if (this.#underWay >= maxUnderWay) throw upstream('redis', 'Redis is too slow to take events.');
    const { key } = this.#keyOf(answer);
    const pipeline = this.#redis.client.pipeline();
    let isWhole = true;
    for (const { sequence, kind, payload } of events) {
      const text = JSON.stringify(payload);
      if (Buffer.byteLength(text) > maxEventBytes) isWhole = false;
      else pipeline.xadd(key, 'MAXLEN', '~', keptEvents, `${sequence}-0`, 'kind', kind, 'payload', text);
    }
    pipeline.expire(key, streamSeconds);
    this.#underWay++;
    try {
      for (const [error] of (await pipeline.exec()) ?? []) {
        // That it is there already, or that the stream was closed, is as it should be.
        if (error !== null && !error.message.includes('equal or smaller')) throw error;
      }
    } finally {
      this.#underWay--;
    }
    if (!isWhole) throw upstream('redis', 'An event is too large for a stream.');
  }

  follow(answer: StreamedAnswer, onNews: (sequence: number) => void): FollowedAnswer {
    const { key, lane } = this.#keyOf(answer);
    let reader = this.#readers.get(lane);
    if (!reader) {
      reader = new RedisStreamReader(this.#redis, this.#laneOf(lane), this.#logger);
      this.#readers.set(lane, reader);
    }
    return reader.follow(key, answer.answerId, onNews);
  }

  forget(answerId: string): void {
    for (const reader of this.#readers.values()) reader.forget(answerId);
  }

  async purge(answers: readonly StreamedAnswer[]): Promise<readonly boolean[]> {
    for (const { answerId } of answers) this.forget(answerId);
    return this.#told((client) =>
      Promise.all(answers.map((answer) => this.#close(client, this.#keyOf(answer).key))),
    );
  }

  async purgeTenant(tenant: string): Promise<number> {
    return this.#told(async (client) => {
      let removed = 0;
      const pattern = `tributary:answers:{*}:${tenantPart(tenant)}:*`;
      const nodes = 'nodes' in client ? client.nodes('master') : [client];
      for (const node of nodes) {
        for await (const keys of node.scanStream({ match: pattern, count: 1_000 })) {
          for (const key of keys as string[]) {
            if (await this.#close(client, key)) removed++;
          }
        }
      }
      return removed;
    });
  }

  degraded(): string | null {
    return this.#redis.degraded();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const readers = [...this.#readers.values()];
    this.#readers.clear();
    await Promise.all(readers.map((reader) => reader[Symbol.asyncDispose]()));
  }

  /** What is followed together must be in one place of a Cluster: what stands in braces decides where. */
  #laneOf = (lane: number): string => `tributary:answers:{answers-${lane}}`;

  #keyOf({ tenant, answerId }: StreamedAnswer): { readonly key: string; readonly lane: number } {
    const lane =
      this.#lanes === 1 ? 0 : createHash('sha256').update(answerId).digest().readUInt16BE() % this.#lanes;
    return { key: `${this.#laneOf(lane)}:${tenantPart(tenant)}:${answerId}`, lane };
  }

  async #close(client: RedisClient, key: string): Promise<boolean> {
    return (await client.eval(closeScript, 1, key, closingId, streamSeconds)) === 1;
  }

  async #told<T>(work: (client: RedisClient) => Promise<T>): Promise<T> {
    try {
      return await work(this.#redis.client);
    } catch (error) {
      throw upstream('redis', 'Redis cannot be reached, so answers cannot be removed from it yet.', error);
    }
  }
}

/** A tenant's name as a part of a key, and of a pattern of keys: without anything that means something there. */
const tenantPart = (tenant: string): string => Buffer.from(tenant).toString('base64url');
