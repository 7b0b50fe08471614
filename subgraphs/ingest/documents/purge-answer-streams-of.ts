import {
  countPurgedStreams,
  purgeAnswerStreams,
} from '../../../platform/answer-streams/purge-answer-streams.ts';
import { upstream } from '../../../platform/errors.ts';
import type { AnswerStreams } from '../../../platform/ports/answer-streams.ts';
import type { Clock } from '../../../platform/ports/clock.ts';
import type { Database } from '../../../platform/postgres/database.ts';

/**
 * Removes the words of documents from the streams of answers, whose rows are purged already, and notes in each
 * document's receipt from how many. Does nothing where there are no streams.
 *
 * @throws TributaryError `UPSTREAM` while Redis cannot be reached, for as long as it could still have such words.
 */
export async function purgeAnswerStreamsOf(
  tenant: string,
  documentIds: readonly string[],
  {
    database,
    streams,
    clock,
  }: { readonly database: Database; readonly streams?: AnswerStreams | null; readonly clock: Clock },
): Promise<void> {
  if (!streams) return;
  await purgeAnswerStreams(database, streams, { waits: true });
  const counts = await countPurgedStreams(database, tenant, documentIds);
  const removed = documentIds.map((id) => counts.get(id) ?? null);
  if (removed.includes(null)) throw upstream('redis', 'Not all answers were removed from Redis yet.');
  await database.forWorker((client) =>
    client.query(
      `update deletion_receipts r set stores = (
         select coalesce(jsonb_agg(entry order by place) filter (where entry ->> 'store' <> 'answer-streams'), '[]')
         from jsonb_array_elements(r.stores) with ordinality as entries (entry, place))
         || jsonb_build_object('store', 'answer-streams', 'removed', given.removed, 'purgedAt', $4::text)
       from unnest($2::text[], $3::int[]) as given (document, removed)
       where r.tenant = $1 and r.document_id = given.document and r.purged_at is null`,
      [tenant, documentIds, removed, new Date(clock.now()).toISOString()],
    ),
  );
}
