import type { PoolClient } from 'pg';
import { rejected } from '../../../platform/errors.ts';
import type { Identity } from '../../../platform/identity.ts';
import type { AnswerId, ConversationId } from '../../../platform/ids.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import type { AnswerModel } from '../models.ts';
import { type AnswerEvent, type Question, said, type Turn } from '../types.ts';
import type { ListCursor } from './cursor.ts';

/** The columns of `AnswerModel`, for queries of `answers`. */
export const answerColumns = `tenant, id, subject, conversation_id as "conversationId", question, style, model, state,
  reason, coverage, usage, last_sequence as "lastSequence", created_at as "createdAt",
  (extract(epoch from created_at) * 1000000)::bigint::text as "createdAtMicros", finished_at as "finishedAt"`;

/** An answer that is about to begin. */
export interface NewAnswer {
  readonly question: Question;
  /** The model that makes it; `extractive` where none does. */
  readonly model: string;
  /** Whether the conversation must be there already. */
  readonly continues: boolean;
  readonly idempotencyKey: string | null;
  readonly leaseId: string;
  readonly leaseSeconds: number;
}

export interface AnswerPage {
  readonly answers: readonly AnswerModel[];
  readonly hasNextPage: boolean;
}

/** The rows of answers. Row-level security keeps tenants apart. */
export class AnswerStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Begins an answer with its first event, leased to the caller; or finds the one that was begun with the
   * same key within a day.
   *
   * @throws TributaryError `REJECTED_INPUT` with reason `UNKNOWN_CONVERSATION`.
   */
  begin(answer: NewAnswer): Promise<{ readonly row: AnswerModel; readonly isNew: boolean }> {
    const { question, idempotencyKey } = answer;
    const { tenant, subject } = question.identity;
    return this.#database.forTenant(tenant, async (client) => {
      if (answer.continues) await requireConversation(client, subject, question.conversationId);
      if (idempotencyKey !== null) {
        await client.query(
          `update answers set idempotency_key = null
           where subject = $1 and idempotency_key = $2 and created_at < now() - interval '1 day'`,
          [subject, idempotencyKey],
        );
      }
      const inserted = await client.query<AnswerModel>(
        `insert into answers (tenant, id, subject, conversation_id, question, style, model, state, input,
                              idempotency_key, last_sequence, lease_id, lease_until)
         values ($1, $2, $3, $4, $5, $6, $7, 'RUNNING', $8, $9, 1, $10, now() + make_interval(secs => $11))
         on conflict (tenant, subject, idempotency_key) where idempotency_key is not null do nothing
         returning ${answerColumns}`,
        [
          tenant,
          question.answerId,
          subject,
          question.conversationId,
          question.text,
          question.style,
          answer.model,
          JSON.stringify(question),
          idempotencyKey,
          answer.leaseId,
          answer.leaseSeconds,
        ],
      );
      const row = inserted.rows[0];
      if (row) {
        const started: AnswerEvent = { kind: 'AnswerStarted', model: answer.model, style: question.style };
        const { kind, ...payload } = started;
        await client.query(
          'insert into answer_events (tenant, answer_id, sequence, kind, payload) values ($1, $2, 1, $3, $4)',
          [tenant, question.answerId, kind, JSON.stringify(payload)],
        );
        return { row, isNew: true };
      }
      const existing = await client.query<AnswerModel>(
        `select ${answerColumns} from answers where subject = $1 and idempotency_key = $2`,
        [subject, idempotencyKey],
      );
      const found = existing.rows[0];
      if (!found) throw new Error('An answer with the same key was there and is not any more.');
      return { row: found, isNew: false };
    });
  }

  /** The answers with these ids that the tenant has. */
  async find(tenant: string, ids: readonly string[], signal?: AbortSignal): Promise<AnswerModel[]> {
    return this.#database.forTenant(
      tenant,
      async (client) => {
        const { rows } = await client.query<AnswerModel>(
          `select ${answerColumns} from answers where id = any($1)`,
          [ids],
        );
        return rows;
      },
      { readOnly: true, ...(signal && { signal }) },
    );
  }

  /** The caller's own answers, newest first. */
  async list(
    identity: Identity,
    options: {
      readonly conversationId: string | null;
      readonly first: number;
      readonly after: ListCursor | null;
    },
    signal?: AbortSignal,
  ): Promise<AnswerPage> {
    const { conversationId, first, after } = options;
    return this.#database.forTenant(
      identity.tenant,
      async (client) => {
        const { rows } = await client.query<AnswerModel>(
          `select ${answerColumns} from answers
           where subject = $1 and ($2::text is null or conversation_id = $2)
             and ($3::bigint is null
                  or (created_at, id) < (timestamptz 'epoch' + $3::bigint * interval '1 microsecond', $4))
           order by created_at desc, id desc limit $5`,
          [identity.subject, conversationId, after?.createdAt ?? null, after?.id ?? '', first + 1],
        );
        return { answers: rows.slice(0, first), hasNextPage: rows.length > first };
      },
      { readOnly: true, replica: true, ...(signal && { signal }) },
    );
  }

  /**
   * The turns of a conversation before an answer, oldest first, at most `count`, with the ids of the
   * documents that they rest on.
   */
  async turnsBefore(
    question: Question,
    count: number,
  ): Promise<{ readonly turns: readonly Turn[]; readonly documentIds: readonly string[] }> {
    return this.#database.forTenant(
      question.identity.tenant,
      async (client) => {
        const { rows } = await client.query<{
          id: string;
          question: string;
          payloads: { text: string }[] | null;
        }>(
          `select a.id, a.question,
                  (select jsonb_agg(e.payload order by e.sequence) from answer_events e
                   where e.tenant = a.tenant and e.answer_id = a.id and e.kind = 'TokenDelta') as payloads
           from answers a
           where a.conversation_id = $1 and a.subject = $2 and a.id <> $3
             and a.created_at <= (select created_at from answers where id = $3)
           order by a.created_at desc, a.id desc limit $4`,
          [question.conversationId, question.identity.subject, question.answerId, count],
        );
        const documents = await client.query<{ document_id: string }>(
          'select distinct document_id from answer_documents where answer_id = any($1)',
          [rows.map((row) => row.id)],
        );
        return {
          turns: rows.reverse().map((row) => ({
            question: row.question,
            answer: said((row.payloads ?? []).map(({ text }) => ({ kind: 'TokenDelta', text }))).text,
          })),
          documentIds: documents.rows.map((row) => row.document_id),
        };
      },
      { readOnly: true },
    );
  }

  /** Somebody has listened to these answers just now, or asked for them. */
  async heard(answers: readonly { readonly tenant: string; readonly id: string }[]): Promise<void> {
    if (answers.length === 0) return;
    await this.#database.forWorker((client) =>
      client.query(
        `update answers a set heard_at = now() from unnest($1::text[], $2::text[]) as h (tenant, id)
         where a.tenant = h.tenant and a.id = h.id and a.state = 'RUNNING'`,
        [answers.map((answer) => answer.tenant), answers.map((answer) => answer.id)],
      ),
    );
  }

  /** Asks whoever makes the answer to stop. One that has ended stays as it is. */
  async requestStop(tenant: string, id: AnswerId, reason: string): Promise<void> {
    await this.#database.forTenant(tenant, (client) =>
      client.query(
        `with asked as (
           update answers set stop_reason = coalesce(stop_reason, $2) where id = $1 and state = 'RUNNING'
           returning id, stop_reason)
         select pg_notify('tributary_answers', id || ' stop ' || stop_reason) from asked`,
        [id, reason],
      ),
    );
  }
}

async function requireConversation(client: PoolClient, subject: string, id: ConversationId): Promise<void> {
  const { rowCount } = await client.query(
    'select from answers where conversation_id = $1 and subject = $2 limit 1',
    [id, subject],
  );
  if (rowCount === 0) {
    throw rejected(
      'UNKNOWN_CONVERSATION',
      'There is no such conversation of yours. Pass the `conversationId` of one of your answers, or leave it out to begin a new conversation.',
      { field: 'conversationId' },
    );
  }
}
