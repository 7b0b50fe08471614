import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../logger.ts';
import type { FollowedAnswer } from '../ports/answer-streams.ts';
import type { RedisClient, RedisConnection } from '../redis/redis-connection.ts';
import { FollowedStream } from './followed-stream.ts';
import type { StreamEntry } from './stream-format.ts';

/** How long one read waits for news, in milliseconds. */
const blockMs = 2_000;
/** How much longer the answer may take before the connection is given up, in milliseconds. */
const overdueMs = 1_500;
/** The most entries of one stream that come at once. */
const pageSize = 500;

/**
 * Reads all streams of one place that this process follows, by one blocking read on a connection of its own. A
 * stream that only this process knows is read along with them: an entry in it ends the read, so that another
 * one begins with the streams that are followed by then.
 */
export class RedisStreamReader implements AsyncDisposable {
  readonly #redis: RedisConnection;
  readonly #logger: Logger;
  readonly #streams = new Map<string, FollowedStream>();
  readonly #controlKey: string;
  #controlId = '0-0';
  #client: RedisClient | undefined;
  #running: Promise<void> | undefined;
  /** Whether reads are answered. */
  #isUp = false;
  /** The streams that the read under way covers. */
  #covered: ReadonlySet<string> = new Set();
  #isInterrupting = false;
  readonly #disposal = new AbortController();

  /** @param place what the keys of the streams begin with. */
  constructor(redis: RedisConnection, place: string, logger: Logger) {
    this.#redis = redis;
    this.#logger = logger;
    this.#controlKey = `${place}:control:${randomUUID()}`;
  }

  follow(key: string, answerId: string, onNews: (sequence: number) => void): FollowedAnswer {
    const stream = this.#streams.get(key) ?? new FollowedStream(answerId);
    const isNew = !stream.hasListeners;
    const stopListening = stream.listen(onNews);
    this.#streams.set(key, stream);
    this.#running ??= this.#run();
    if (isNew) this.#interrupt();
    const isLive = () => this.#isUp && this.#covered.has(key) && !stream.isClosed;
    return {
      get isLive() {
        return isLive();
      },
      after: (sequence) => stream.after(sequence),
      [Symbol.dispose]: () => {
        stopListening();
        if (!stream.hasListeners && this.#streams.get(key) === stream) this.#streams.delete(key);
      },
    };
  }

  forget(answerId: string): void {
    for (const stream of this.#streams.values()) if (stream.answerId === answerId) stream.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposal.abort();
    this.#streams.clear();
    this.#client?.disconnect();
    await this.#running;
  }

  /** Ends the read under way soon, so that the next one has the new streams, too. */
  #interrupt(): void {
    if (!this.#isUp || this.#isInterrupting) return;
    this.#isInterrupting = true;
    // All that are begun at once are one interruption.
    setImmediate(() => {
      this.#isInterrupting = false;
      if (this.#disposal.signal.aborted) return;
      const { client } = this.#redis;
      client
        .pipeline()
        .xadd(this.#controlKey, 'MAXLEN', 1, '*', 'read', 'anew')
        .expire(this.#controlKey, 60)
        .exec()
        // Then the read ends by itself, a little later.
        .catch((err: unknown) => this.#logger.debug({ err }, 'could not interrupt a read of Redis'));
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#disposal;
    let failures = 0;
    while (this.#streams.size > 0 && !signal.aborted) {
      try {
        await this.#read();
        failures = 0;
      } catch (err) {
        if (signal.aborted) break;
        this.#logger.debug({ err }, 'could not read answers from Redis; reading them from the database');
        if (this.#isUp) this.#tellAll();
        this.#isUp = false;
        this.#covered = new Set();
        const waitMs = Math.min(25 * 2 ** Math.min(failures++, 10), 1_000) * (0.5 + Math.random() / 2);
        await delay(waitMs, undefined, { signal }).catch(() => undefined);
      }
    }
    this.#isUp = false;
    this.#covered = new Set();
    this.#running = undefined;
    // Somebody may have come while the last read ended.
    if (this.#streams.size > 0 && !signal.aborted) this.#running = this.#run();
  }

  async #read(): Promise<void> {
    this.#client ??= this.#redis.dedicate('answers');
    const client = this.#client;
    if (client.status !== 'ready') throw new Error('There is no connection to Redis at present.');
    const open = [...this.#streams].filter(([, stream]) => !stream.isClosed);
    const reading = client.xread(
      ...(['COUNT', pageSize, 'BLOCK', blockMs, 'STREAMS'] as const),
      ...[this.#controlKey, ...open.map(([key]) => key)],
      ...[this.#controlId, ...open.map(([, stream]) => stream.nextId)],
    );
    this.#covered = new Set(open.map(([key]) => key));
    if (!this.#isUp) {
      // Something may have been missed until now.
      this.#isUp = true;
      this.#tellAll();
    }
    const answer = await this.#inTime(client, reading);
    for (const [key, entries] of (answer ?? []) as [string, StreamEntry[]][]) {
      if (key === this.#controlKey) this.#controlId = entries.at(-1)?.[0] ?? this.#controlId;
      else this.#streams.get(key)?.take(entries);
    }
  }

  /** The answer of a blocking read; a connection on which none comes is broken off and made anew. */
  async #inTime<T>(client: RedisClient, reading: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const overdue = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error('Redis does not answer a blocking read any more.'));
        client.disconnect(true);
      }, blockMs + overdueMs);
    });
    try {
      return await Promise.race([reading, overdue]);
    } finally {
      clearTimeout(timer);
      reading.catch(() => undefined);
    }
  }

  #tellAll(): void {
    for (const stream of this.#streams.values()) stream.tell(Number.POSITIVE_INFINITY);
  }
}
