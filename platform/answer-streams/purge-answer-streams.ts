import type { AnswerStreams } from '../ports/answer-streams.ts';
import type { Database } from '../postgres/database.ts';
import { streamSeconds } from './stream-format.ts';

/** How long an event can be on its way into a stream, in seconds. */
const marginSeconds = 30;
/** So many streams are emptied in one transaction. */
const batchSize = 500;

export interface PurgeStreamsOptions {
  /** Whether to wait for what another process is emptying at the moment; otherwise it is left to that one. */
  readonly waits?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Empties the streams of answers that had words of deleted documents: all that were purged in the database
 * already (`purge_document_from_answers`). Can be done again, and in several processes at once. What was purged
 * longer ago than a stream lives needs no Redis any more.
 *
 * @param streams null where there are none.
 * @throws TributaryError `UPSTREAM` while Redis cannot be reached; it is to be done again then.
 */
export async function purgeAnswerStreams(
  database: Database,
  streams: AnswerStreams | null,
  { signal, waits = false }: PurgeStreamsOptions = {},
): Promise<void> {
  const options = signal && { signal };
  await database.forWorker(async (client) => {
    // A margin for events that were on their way.
    await client.query(
      `update answer_stream_purges set removed = false
       where removed is null and ($1 or purged_at < clock_timestamp() - make_interval(secs => $2))`,
      [streams === null, streamSeconds + marginSeconds],
    );
    await client.query(
      `delete from answer_stream_purges where removed is not null and purged_at < now() - interval '1 day'`,
    );
  }, options);
  if (streams === null) return;
  for (;;) {
    const emptied = await database.forWorker(async (client) => {
      const { rows } = await client.query<{ tenant: string; answerId: string; documentId: string }>(
        `select tenant, answer_id as "answerId", document_id as "documentId" from answer_stream_purges
         where removed is null order by purged_at, answer_id, document_id limit $1 for update${waits ? '' : ' skip locked'}`,
        [batchSize],
      );
      if (rows.length === 0) return 0;
      const removed = await streams.purge(rows);
      await client.query(
        `update answer_stream_purges p set removed = g.removed
         from unnest($1::text[], $2::text[], $3::text[], $4::boolean[]) as g (tenant, answer, document, removed)
         where p.tenant = g.tenant and p.answer_id = g.answer and p.document_id = g.document`,
        [
          ...[rows.map((row) => row.tenant), rows.map((row) => row.answerId)],
          ...[rows.map((row) => row.documentId), removed],
        ],
      );
      return rows.length;
    }, options);
    if (emptied < batchSize) return;
  }
}

/** How many streams each of these documents' words were removed from, by document; null where some still have them. */
export async function countPurgedStreams(
  database: Database,
  tenant: string,
  documentIds: readonly string[],
): Promise<ReadonlyMap<string, number | null>> {
  return database.forWorker(async (client) => {
    const { rows } = await client.query<{ documentId: string; removed: number; open: boolean }>(
      `select document_id as "documentId", count(*) filter (where removed)::int as removed,
              bool_or(removed is null) as open
       from answer_stream_purges where tenant = $1 and document_id = any($2) group by document_id`,
      [tenant, documentIds],
    );
    const found = new Map(rows.map(({ documentId, removed, open }) => [documentId, open ? null : removed]));
    return new Map(documentIds.map((id) => [id, found.get(id) === undefined ? 0 : (found.get(id) ?? null)]));
  });
}
