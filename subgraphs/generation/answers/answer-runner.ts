import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { purgeAnswerStreams } from '../../../platform/answer-streams/purge-answer-streams.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { AnswerStreams } from '../../../platform/ports/answer-streams.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import type { Context, Question } from '../types.ts';
import { type AnswerChannel, answerChannel } from './answer-channel.ts';
import { AnswerLease, type Leased } from './answer-lease.ts';
import type { AnswerLog } from './answer-log.ts';
import type { AnswerStore } from './answer-store.ts';
import { HandOver, LeaseLost, StopRequested } from './interruptions.ts';
import type { AppendListener } from './measure-answers.ts';

export interface RunnerOptions {
  readonly database: Database;
  readonly log: AnswerLog;
  readonly store: AnswerStore;
  readonly channel: AnswerChannel;
  readonly streams: AnswerStreams | null;
  readonly logger: Logger;
  /** Makes one answer; see `makeAnswer`. */
  readonly make: (lease: AnswerLease, signal: AbortSignal) => Promise<void>;
  readonly graceSeconds: number;
  readonly leaseSeconds: number;
  /** The most answers that this process makes at once. */
  readonly maxRunning: number;
  /** Whether this process has a language model. */
  readonly canGenerate: boolean;
  /** Is told of the events that this process's answers were given. */
  readonly appended?: AppendListener;
}

/** How long each step of handing answers over may take, in milliseconds. */
const handOverMs = 3_000;

/** An answer that was begun this often and never ended takes its process with it: it is given up. */
const maxAttempts = 5;

interface Run {
  readonly lease: AnswerLease;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

interface ClaimedRow {
  readonly tenant: string;
  readonly id: Question['answerId'];
  readonly input: Question;
  readonly context: Context | null;
  readonly lastSequence: number;
  readonly stopReason: string | null;
  readonly attempts: number;
  readonly createdAt: Date;
}

/**
 * Makes the answers that this process holds the lease on: keeps the leases alive, takes over answers whose
 * process has died, stops those that are to be stopped or that nobody has come back to, and hands all of
 * them over when it is disposed of.
 */
export class AnswerRunner implements AsyncDisposable {
  readonly #options: RunnerOptions;
  readonly #runs = new Map<string, Run>();
  /** Answers with somebody listening in this process, and how many. */
  readonly #listening = new Map<string, { readonly tenant: string; readonly id: string; count: number }>();
  readonly #stopSignals: () => void;
  #timer: NodeJS.Timeout | undefined;
  #ticking: Promise<void> | undefined;
  #purging: Promise<void> | undefined;
  #isTickWanted = false;
  readonly #disposal = new AbortController();

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#stopSignals = options.channel.onSignal((signal) => {
      if (signal.kind === 'stop') this.#stop(signal.answerId, signal.reason);
      else if (signal.kind === 'look') void this.tick();
      else if (signal.kind === 'purged') this.#purged(signal.answerId);
    });
    this.#schedule();
  }

  /** How many answers this process makes at present. */
  get running(): number {
    return this.#runs.size;
  }

  /** Whether this process can take one more answer. */
  get hasRoom(): boolean {
    return !this.#disposal.signal.aborted && this.#runs.size < this.#options.maxRunning;
  }

  /** Makes an answer that is leased to this process, in the background. */
  start(leased: Leased): void {
    const { database, log, leaseSeconds } = this.#options;
    const lease = new AnswerLease(database, log, leaseSeconds, leased, this.#options.appended);
    const controller = new AbortController();
    this.#runs.get(lease.answerId)?.controller.abort(new LeaseLost('The answer was begun anew.'));
    if (leased.stopReason !== null) controller.abort(new StopRequested(leased.stopReason));
    if (this.#disposal.signal.aborted) controller.abort(new HandOver('This process is going.'));
    log.taken(lease.answerId);
    const run: Run = { lease, controller, ended: this.#run(lease, controller.signal) };
    this.#runs.set(lease.answerId, run);
    void run.ended.then(() => {
      if (this.#runs.get(lease.answerId) !== run) return;
      this.#runs.delete(lease.answerId);
      log.released(lease.answerId);
    });
  }

  /** Somebody listens to an answer until the returned thing is disposed of. */
  listen(tenant: string, id: string): AsyncDisposable {
    const entry = this.#listening.get(id) ?? { tenant, id, count: 0 };
    entry.count++;
    this.#listening.set(id, entry);
    return {
      [Symbol.asyncDispose]: async () => {
        if (--entry.count > 0) return;
        this.#listening.delete(id);
        // The time of grace begins now, not when it was last looked.
        await this.#options.store
          .heard([entry])
          .catch((err) => this.#options.logger.warn({ err }, 'could not note when an answer was last heard'));
      },
    };
  }

  /**
   * Does at once what is otherwise done every third of the lease or of the time of grace. Called while that is
   * being done, it is done once more: what the caller has heard of may have come too late for it.
   */
  tick(): Promise<void> {
    this.#isTickWanted = true;
    this.#ticking ??= this.#tickWhileWanted().finally(() => {
      this.#ticking = undefined;
    });
    return this.#ticking;
  }

  async #tickWhileWanted(): Promise<void> {
    while (this.#isTickWanted && !this.#disposal.signal.aborted) {
      this.#isTickWanted = false;
      await this.#tick().catch((err) =>
        this.#options.logger.warn({ err }, 'could not look after the running answers'),
      );
    }
  }

  /** Hands every answer over to other processes, at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposal.signal.aborted) return;
    this.#disposal.abort();
    clearTimeout(this.#timer);
    this.#stopSignals();
    // A database that answers nothing is not waited for: without the lease whatever is still written is refused.
    await within(handOverMs, Promise.all([this.#ticking, this.#purging]));
    const runs = [...this.#runs.values()];
    for (const run of runs) run.controller.abort(new HandOver('This process is going.'));
    await within(handOverMs, Promise.all(runs.map((run) => run.ended)));
    if (runs.length === 0) return;
    const { database, logger } = this.#options;
    try {
      await database.forWorker(
        (client) =>
          client.query(
            `with free as (update answers set lease_id = null, lease_until = null
                           where lease_id = any($1) and state = 'RUNNING' returning id)
             select pg_notify($2, '') from (select count(*) from free) as freed`,
            [runs.map((run) => run.lease.leased.leaseId), answerChannel],
          ),
        { signal: AbortSignal.timeout(handOverMs) },
      );
    } catch (err) {
      logger.warn(
        { err },
        'answers could not be handed over; they are taken over when their lease has run out',
      );
    }
  }

  #schedule(): void {
    const { leaseSeconds, graceSeconds } = this.#options;
    this.#timer = setTimeout(
      () => void this.tick().then(() => this.#disposal.signal.aborted || this.#schedule()),
      (Math.min(leaseSeconds, graceSeconds) * 1000) / 3,
    );
    this.#timer.unref();
  }

  async #run(lease: AnswerLease, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.make(lease, signal);
    } catch (error) {
      if (error instanceof LeaseLost || error instanceof HandOver) return;
      // The lease runs out, and the answer is taken up again from its log.
      this.#options.logger.error({ err: error, answerId: lease.answerId }, 'an answer broke off');
    }
  }

  #stop(answerId: string, reason: string): void {
    this.#runs.get(answerId)?.controller.abort(new StopRequested(reason));
  }

  /** A document that the answer rests on was deleted: it has ended, and no process may keep its words. */
  #purged(answerId: string): void {
    this.#runs.get(answerId)?.controller.abort(new LeaseLost('The answer rests on a deleted document.'));
    // Without streams there is only something to tidy up, which has time.
    if (this.#options.streams) this.#purging ??= this.#purgeStreams();
  }

  async #purgeStreams(): Promise<void> {
    const { database, streams, logger } = this.#options;
    try {
      await purgeAnswerStreams(database, streams, { signal: this.#disposal.signal });
    } catch (err) {
      logger.debug({ err }, 'could not remove deleted words from streams; trying again soon');
    } finally {
      this.#purging = undefined;
    }
  }

  async #tick(): Promise<void> {
    await this.#keepLeases();
    await this.#options.store.heard([...this.#listening.values()]);
    await this.#stopUnheard();
    if (this.hasRoom) await this.#takeOver();
    this.#purging ??= this.#purgeStreams();
    await this.#purging;
  }

  async #keepLeases(): Promise<void> {
    const { database, leaseSeconds } = this.#options;
    const runs = [...this.#runs.values()];
    if (runs.length === 0) return;
    const { rows } = await database.forWorker((client) =>
      client.query<{ leaseId: string; stopReason: string | null }>(
        `update answers set lease_until = now() + make_interval(secs => $2)
         where lease_id = any($1) and state = 'RUNNING'
         returning lease_id as "leaseId", stop_reason as "stopReason"`,
        [runs.map((run) => run.lease.leased.leaseId), leaseSeconds],
      ),
    );
    const kept = new Map(rows.map((row) => [row.leaseId, row.stopReason]));
    for (const run of runs) {
      const stopReason = kept.get(run.lease.leased.leaseId);
      if (stopReason === undefined) run.controller.abort(new LeaseLost('The lease was lost.'));
      else if (stopReason !== null) this.#stop(run.lease.answerId, stopReason);
    }
  }

  async #stopUnheard(): Promise<void> {
    const { database, graceSeconds } = this.#options;
    await database.forWorker((client) =>
      client.query(
        `with unheard as (
           update answers set stop_reason = $2
           where state = 'RUNNING' and stop_reason is null and heard_at < now() - make_interval(secs => $1)
           returning id)
         select pg_notify($3, id || ' stop ' || $2::text) from unheard`,
        [graceSeconds, `Nobody came back to it within ${graceSeconds} seconds.`, answerChannel],
      ),
    );
  }

  /** Takes up what no process makes; what needs a model that this one lacks only where no other has in time. */
  async #takeOver(): Promise<void> {
    const { database, leaseSeconds, maxRunning, canGenerate, logger } = this.#options;
    const leaseId = randomUUID();
    const { rows } = await database.forWorker((client) =>
      client.query<ClaimedRow & { leaseId: string }>(
        `update answers a
         set lease_id = $1 || '/' || a.id, lease_until = now() + make_interval(secs => $2), attempts = attempts + 1
         from (select tenant, id from answers
               where state = 'RUNNING'
                 and case when $4 or style <> 'GENERATED' then lease_until is null or lease_until < now()
                          else coalesce(lease_until, created_at) < now() - make_interval(secs => $2) end
               order by created_at limit $3 for update skip locked) as free
         where a.tenant = free.tenant and a.id = free.id
         returning a.tenant, a.id, a.input, a.context, a.last_sequence as "lastSequence", a.lease_id as "leaseId",
                   a.stop_reason as "stopReason", a.attempts, a.created_at as "createdAt"`,
        [leaseId, leaseSeconds, maxRunning - this.#runs.size, canGenerate],
      ),
    );
    for (const row of rows) {
      logger.info({ answerId: row.id, attempt: row.attempts }, 'taking an answer over');
      const events = (await this.#options.log.readWhole(row.tenant, [row.id])).get(row.id) ?? [];
      const stopReason =
        row.attempts > maxAttempts
          ? `It was begun ${maxAttempts} times and never ended; please ask again.`
          : row.stopReason;
      this.start({ ...row, question: row.input, events, stopReason });
    }
  }
}

/** Waits for something, but not for longer. */
async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  const inTime = new AbortController();
  await Promise.race([
    work,
    delay(timeoutMs, undefined, { signal: inTime.signal }).catch(() => undefined),
  ]).finally(() => inTime.abort());
}
