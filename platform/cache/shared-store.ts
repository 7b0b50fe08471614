import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from '../logger.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';

/** A request that can be answered without Redis does not wait longer for it, in milliseconds. */
const timeoutMs = 150;
/** Removals are worth waiting for. */
const removalTimeoutMs = 1_000;
/** How often a Redis that failed is tried again, in milliseconds. */
const retryEveryMs = 500;
/** How long one attempt of those may take, in milliseconds. */
const attemptMs = 1_000;

/**
 * Redis as the cache uses it: after a failure nobody asks it, and nobody waits for it, until it has answered again.
 * Where others may have removed something in the meantime without success, everything of before is given up first.
 */
export class SharedStore implements AsyncDisposable {
  readonly #redis: RedisConnection;
  readonly #logger: Logger;
  readonly #forget: () => Promise<unknown>;
  #problem: string | null = 'Redis has not answered yet.';
  /** Why it takes in nothing new, though it answers. */
  #refusal: string | null = null;
  #isSaid = false;
  #mustForget = false;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #attempt: Promise<void> | undefined;
  #isDisposed = false;
  readonly #onClose = () => this.#fail('The connection to Redis was lost.', true);
  readonly #onReady = () => void this.#try();

  /** @param forget makes everything that is remembered in Redis unreadable. */
  constructor(redis: RedisConnection, logger: Logger, forget: () => Promise<unknown>) {
    this.#redis = redis;
    this.#logger = logger;
    this.#forget = forget;
    redis.client.on('close', this.#onClose);
    redis.client.on('ready', this.#onReady);
  }

  /** Resolves when Redis was tried once. */
  async opened(): Promise<void> {
    await this.#try();
    if (this.#problem !== null) this.#fail(this.#problem, false);
  }

  /** How often it has failed: what began before a failure is not to be trusted after it. */
  get failures(): number {
    return this.#failures;
  }

  degraded(): string | null {
    if (this.#problem !== null) return `${this.#problem} Nothing is remembered until it answers.`;
    return this.#refusal === null ? null : `${this.#refusal} Nothing new is remembered.`;
  }

  /**
   * What Redis answers to some work; null where it does not within the time, or has failed before.
   *
   * @param kind where a removal fails, everything is given up later; a server that is full refuses additions and
   * is asked for what it has all the same.
   */
  async ask<T>(
    kind: 'read' | 'add' | 'remove',
    work: () => Promise<T>,
  ): Promise<{ readonly answer: T } | null> {
    const removes = kind === 'remove';
    if (this.#problem !== null) {
      this.#mustForget ||= removes;
      return null;
    }
    try {
      const answer = await within(removes ? removalTimeoutMs : timeoutMs, work);
      if (kind === 'add') this.#refusal = null;
      return { answer };
    } catch (error) {
      if (kind === 'add' && error instanceof Error && error.name === 'ReplyError')
        this.#refuse(explain(error));
      // One server goes on with what it knew; of several, another one may know less than the one before.
      else this.#fail(explain(error), removes || this.#redis.kind !== 'single');
      return null;
    }
  }

  #refuse(refusal: string): void {
    if (this.#refusal === null) this.#logger.warn({ refusal }, 'Redis takes in no results');
    this.#refusal = refusal;
  }

  #fail(problem: string, mustForget: boolean): void {
    if (this.#isDisposed) return;
    this.#failures++;
    this.#mustForget ||= mustForget;
    this.#problem = problem;
    if (!this.#isSaid) this.#logger.warn({ problem }, 'the cache is without Redis: everything is worked out');
    this.#isSaid = true;
    this.#timer ??= setInterval(() => void this.#try(), retryEveryMs).unref();
  }

  #try(): Promise<void> {
    this.#attempt ??= this.#tryOnce().finally(() => {
      this.#attempt = undefined;
    });
    return this.#attempt;
  }

  async #tryOnce(): Promise<void> {
    if (this.#problem === null || this.#isDisposed) return;
    const failures = this.#failures;
    const forgets = this.#mustForget;
    try {
      await within(attemptMs, () => (forgets ? this.#forget() : this.#redis.client.ping()));
    } catch (error) {
      this.#problem = explain(error);
      return;
    }
    // What has happened during the attempt is answered by the next one.
    if (this.#failures !== failures || this.#mustForget !== forgets) return;
    this.#mustForget = false;
    this.#problem = null;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#isSaid) this.#logger.info('the cache has Redis again');
    this.#isSaid = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    clearInterval(this.#timer);
    this.#redis.client.off('close', this.#onClose);
    this.#redis.client.off('ready', this.#onReady);
    await this.#attempt;
  }
}

const late = Symbol('late');

/** @throws Error when it takes longer; the work goes on by itself, unheeded. */
async function within<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const result = work();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<typeof late>((resolve) => {
    timer = setTimeout(async () => {
      // Where this process was held up itself, the answer may be there and only not read yet.
      await nextTurn();
      await nextTurn();
      resolve(late);
    }, timeoutMs);
  });
  try {
    const first = await Promise.race([result, timeout]);
    if (first === late) throw new Error(`Redis did not answer within ${timeoutMs} ms.`);
    return first;
  } catch (error) {
    result.catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const explain = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  return message.startsWith('Redis') ? message : `Redis failed: ${message}.`.replace(/\.+$/, '.');
};
