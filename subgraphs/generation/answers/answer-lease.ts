import type { AnswerId } from '../../../platform/ids.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import type { AnswerEvent, Context, Coverage, LoggedEvent, Question, Usage } from '../types.ts';
import { answerChannel } from './answer-channel.ts';
import { type AnswerLog, toRow } from './answer-log.ts';
import { LeaseLost } from './interruptions.ts';
import type { AppendListener } from './measure-answers.ts';

/** What else changes together with an append. */
export interface AnswerChanges {
  readonly context?: Context;
  readonly coverage?: Coverage;
  /** The documents whose words the answer holds from now on. */
  readonly documentIds?: readonly string[];
  readonly end?: {
    readonly state: 'COMPLETED' | 'STOPPED' | 'FAILED';
    readonly reason: string | null;
    readonly usage: Usage | null;
  };
}

interface LeaseRow {
  readonly lease_id: string | null;
  readonly last_sequence: number;
  readonly state: string;
  readonly reason: string | null;
}

/** A document was deleted between the search and the answer; none of its words may be taken in. */
export class DocumentErased extends Error {
  override readonly name = 'DocumentErased';
  readonly documentIds: readonly string[];

  constructor(documentIds: readonly string[]) {
    super('A document was deleted while an answer was being made from it.');
    this.documentIds = documentIds;
  }
}

/** What a lease is held on. */
export interface Leased {
  readonly leaseId: string;
  readonly question: Question;
  readonly context: Context | null;
  readonly lastSequence: number;
  /** What the log has so far. */
  readonly events: readonly LoggedEvent[];
  readonly stopReason: string | null;
  readonly attempts: number;
  readonly createdAt: Date;
}

/**
 * The right to make one answer, held by one process at a time. Every append says that it still holds it, in
 * the same transaction: a process that lost it can write nothing any more.
 */
export class AnswerLease {
  readonly leased: Leased;
  readonly #database: Database;
  readonly #log: AnswerLog;
  readonly #leaseSeconds: number;
  readonly #appended: AppendListener | undefined;
  #lastSequence: number;

  constructor(
    database: Database,
    log: AnswerLog,
    leaseSeconds: number,
    leased: Leased,
    appended?: AppendListener,
  ) {
    this.leased = leased;
    this.#appended = appended;
    this.#database = database;
    this.#log = log;
    this.#leaseSeconds = leaseSeconds;
    this.#lastSequence = leased.lastSequence;
  }

  get answerId(): AnswerId {
    return this.leased.question.answerId;
  }

  get tenant(): string {
    return this.leased.question.identity.tenant;
  }

  /**
   * Appends events and what changes with them, all or nothing. Once it has resolved, readers see them.
   *
   * @throws LeaseLost when another process holds the lease, or the answer has ended.
   * @throws DocumentErased when one of `changes.documentIds` was deleted since the answer began; nothing was
   * written then.
   */
  async append(events: readonly AnswerEvent[], changes: AnswerChanges = {}): Promise<void> {
    const before = this.#lastSequence;
    const after = before + events.length;
    try {
      await this.#write(events, changes, before, after);
    } catch (error) {
      if (error instanceof LeaseLost || error instanceof DocumentErased) throw error;
      // The connection may have broken before or after the commit: the log itself says which.
      if (!(await this.#holds(after, changes))) await this.#write(events, changes, before, after);
    }
    this.#lastSequence = after;
    this.#appended?.(events, this.leased);
    this.#log.committed(
      this.tenant,
      this.answerId,
      events.map(toRow).map(({ kind, payload }, index) => ({
        ...{ sequence: before + 1 + index, kind },
        payload: JSON.parse(payload),
      })),
    );
  }

  async #write(events: readonly AnswerEvent[], changes: AnswerChanges, before: number, after: number) {
    const { answerId, tenant } = this;
    const { leaseId, createdAt } = this.leased;
    await this.#database.forTenant(tenant, async (client) => {
      const documentIds = changes.documentIds ?? [];
      if (documentIds.length > 0) {
        await client.query(
          `select pg_advisory_xact_lock_shared(answer_document_lock($1, id))
           from (select unnest($2::text[]) as id order by 1) as documents`,
          [tenant, documentIds],
        );
        const erased = await client.query<{ document_id: string }>(
          'select document_id from answer_erasures where document_id = any($1) and erased_at >= $2',
          [documentIds, createdAt],
        );
        if (erased.rows.length > 0) throw new DocumentErased(erased.rows.map((row) => row.document_id));
      }
      const rows = events.map(toRow);
      const { rowCount } = await client.query(
        `with mine as (
           update answers
           set last_sequence = $4, lease_until = now() + make_interval(secs => $5),
               context = coalesce($6::jsonb, context), coverage = coalesce($7::jsonb, coverage)
           where id = $1 and lease_id = $2 and state = 'RUNNING' and last_sequence = $3
           returning tenant, id),
         added as (
           insert into answer_events (tenant, answer_id, sequence, kind, payload)
           select mine.tenant, mine.id, $3 + e.place, e.kind, e.payload::jsonb
           from mine, unnest($8::text[], $9::text[]) with ordinality as e (kind, payload, place)),
         documents as (
           insert into answer_documents (tenant, answer_id, document_id)
           select mine.tenant, mine.id, d.id from mine, unnest($10::text[]) as d (id)
           on conflict do nothing)
         select case when $12 then pg_notify($11, id || ' ' || $4::integer) end from mine`,
        [
          answerId,
          leaseId,
          before,
          after,
          this.#leaseSeconds,
          changes.context ? JSON.stringify(changes.context) : null,
          changes.coverage ? JSON.stringify(changes.coverage) : null,
          rows.map((row) => row.kind),
          rows.map((row) => row.payload),
          documentIds,
          answerChannel,
          // The end is told by both, so that no reader waits for it in vain.
          this.#log.notifies || changes.end !== undefined,
        ],
      );
      if (rowCount === 0) throw new LeaseLost(`Another process makes the answer ${answerId} now.`);
      const { end } = changes;
      if (!end) return;
      await client.query(
        `update answers set state = $2, reason = $3, usage = $4, finished_at = clock_timestamp(),
                            lease_id = null, lease_until = null, context = null
         where id = $1`,
        [answerId, end.state, end.reason, end.usage ? JSON.stringify(end.usage) : null],
      );
    });
  }

  /** Whether the log reaches to `sequence` because of us. */
  async #holds(sequence: number, { end }: AnswerChanges): Promise<boolean> {
    return this.#database.forTenant(this.tenant, async (client) => {
      const { rows } = await client.query<LeaseRow>(
        'select lease_id, last_sequence, state, reason from answers where id = $1',
        [this.answerId],
      );
      const row = rows[0];
      return (
        row !== undefined &&
        row.last_sequence === sequence &&
        (row.lease_id === this.leased.leaseId || (row.state === end?.state && row.reason === end.reason))
      );
    });
  }

  /** How long it took to the first token and until now, in milliseconds, by the log. */
  async timings(): Promise<{ readonly firstTokenMs: number | null; readonly totalMs: number }> {
    return this.#database.forTenant(this.tenant, async (client) => {
      const { rows } = await client.query<{ firstTokenMs: number | null; totalMs: number }>(
        `select (extract(epoch from (select at from answer_events e
                                     where e.tenant = a.tenant and e.answer_id = a.id and e.kind = 'TokenDelta'
                                     order by e.sequence limit 1) - a.created_at) * 1000)::float8 as "firstTokenMs",
                (extract(epoch from clock_timestamp() - a.created_at) * 1000)::float8 as "totalMs"
         from answers a where a.id = $1`,
        [this.answerId],
      );
      return rows[0] ?? { firstTokenMs: null, totalMs: 0 };
    });
  }
}
