import { findViolations } from '../../subgraphs/ingest/testing/invariants.ts';
import type { OpenedStores } from './open-stores.ts';

/**
 * What is not as it must be, by the stores themselves: every acknowledged document is there with its last text and
 * no other is, all jobs and purges are done, and what is in one store is in the others, once. Empty where all is well.
 */
export async function findFaults(
  stores: OpenedStores,
  expected: ReadonlyMap<string, string>,
): Promise<string[]> {
  const faults = await findContentFaults(stores, expected);
  // The stores need not be compared while it is known already that something is under way.
  return faults.length > 0 ? faults : findViolations(stores);
}

async function findContentFaults(
  { database }: OpenedStores,
  expected: ReadonlyMap<string, string>,
): Promise<string[]> {
  const { found, jobs, waiting, receipts } = await database.forWorker(async (client) => ({
    found: await client.query<{ source: string; state: string; text: string | null }>(
      `select d.source, d.state, (select string_agg(v.text, E'\\n' order by v.ordinal) from visible_chunks v
                                  where v.tenant = d.tenant and v.document_id = d.id) as text
       from documents d where d.deleted_at is null`,
    ),
    jobs: await client.query<{ id: string; state: string }>(
      `select id, state from jobs where state not in ('SUCCEEDED', 'CANCELLED')`,
    ),
    waiting: await client.query<{ kind: string }>('select kind from outbox'),
    receipts: await client.query<{ id: string }>(
      'select id from deletion_receipts where purged_at is null or signature is null',
    ),
  }));
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const { source, state, text } of found.rows) {
    if (seen.has(source)) faults.push(`${source} is there twice`);
    seen.add(source);
    const wanted = expected.get(source);
    if (wanted === undefined) faults.push(`${source} was deleted, and is there`);
    else if (text !== wanted) faults.push(`${source} holds ${JSON.stringify(text)} (${state})`);
  }
  for (const source of expected.keys()) if (!seen.has(source)) faults.push(`${source} is lost`);
  for (const { id, state } of jobs.rows) faults.push(`the job ${id} is ${state}`);
  for (const { kind } of waiting.rows) faults.push(`in the outbox waits ${kind}`);
  for (const { id } of receipts.rows) faults.push(`the receipt ${id} is not complete`);
  return faults;
}
