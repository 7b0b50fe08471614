import type { PoolClient } from 'pg';
import { nextEpoch } from '../store.ts';
import type { Tier } from '../tiers/tier.ts';
import { changeMigration } from './encoder-migrations.ts';
import { encodedBy, holdKept } from './plan-writing.ts';
import type { MissingPassage, TakenDocument } from './take-work.ts';

/** What of a batch must be taken back from the vector store. */
export interface Settled {
  /** Passages whose vectors nobody will remove: their document was deleted or moved meanwhile, or the encoder was given up. */
  readonly unowned: readonly MissingPassage[];
}

interface DocumentRow {
  readonly tenant: string;
  readonly id: string;
  readonly tier: Tier;
  readonly stamp: string;
  readonly deleted: boolean;
  readonly busy: boolean;
}

const keyOf = (tenant: string, documentId: string): string => `${tenant}/${documentId}`;

/**
 * Marks passages whose vectors were written as encoded, counts them, and lets their documents go. What was written
 * for a document that has changed since it was read does not count, and is made again: it may have come after the
 * newer one.
 */
export async function settleWork(
  client: PoolClient,
  batch: {
    readonly migrationId: string | null;
    readonly fingerprint: string;
    readonly leaseId: string;
    readonly documents: readonly TakenDocument[];
    readonly passages: readonly MissingPassage[];
  },
): Promise<Settled> {
  const { migrationId, fingerprint, leaseId, documents, passages } = batch;
  const tenants = documents.map(({ tenant }) => tenant);
  const ids = documents.map(({ documentId }) => documentId);
  await holdKept(client);
  // Always the document before what hangs on it, in one order, as everyone does.
  await client.query(
    `select from documents where (tenant, id) in (select * from unnest($1::text[], $2::text[]))
     order by tenant, id for no key update`,
    [tenants, ids],
  );
  const { rows } = await client.query<DocumentRow>(
    `select d.tenant, d.id, d.tier, d.updated_at::text as stamp, d.deleted_at is not null as deleted,
            exists (select from jobs j where j.tenant = d.tenant and j.document_id = d.id
                      and j.state in ('QUEUED', 'RUNNING')) as busy
     from documents d where (d.tenant, d.id) in (select * from unnest($1::text[], $2::text[]))`,
    [tenants, ids],
  );
  const { rows: retired } = await client.query('select from encoders where fingerprint = $1 and retired', [
    fingerprint,
  ]);
  const found = new Map(rows.map((row) => [keyOf(row.tenant, row.id), row]));
  const fresh: MissingPassage[] = [];
  const stale: MissingPassage[] = [];
  const unowned: MissingPassage[] = [];
  for (const passage of passages) {
    const document = found.get(keyOf(passage.tenant, passage.documentId));
    if (document === undefined || document.deleted || retired.length > 0) unowned.push(passage);
    else if (document.tier !== passage.tier) {
      // What was written where the document is not any more is nobody's.
      stale.push(passage);
      unowned.push(passage);
    } else if (document.busy || document.stamp !== passage.stamp) stale.push(passage);
    else fresh.push(passage);
  }
  const encoded = await mark(client, fresh, fingerprint);
  await unmark(client, stale, fingerprint);
  const added = await letGo(client, { fingerprint, leaseId, documents, fresh });
  if (migrationId !== null) await changeMigration(client, migrationId, { encoded, total: added });
  return { unowned };
}

async function mark(
  client: PoolClient,
  passages: readonly MissingPassage[],
  fingerprint: string,
): Promise<number> {
  if (passages.length === 0) return 0;
  const { rows } = await client.query<{ tenant: string; document_id: string }>(
    `update chunks set encoded_by = ${encodedBy('array_append(coalesce(encoded_by, array[fingerprint]), $3::text)')}
     where (tenant, id) in (select * from unnest($1::text[], $2::text[]))
       and $3 <> all (coalesce(encoded_by, array[fingerprint]))
     returning tenant, document_id`,
    [passages.map(({ tenant }) => tenant), passages.map(({ id }) => id), fingerprint],
  );
  // Where this encoder serves, what is remembered of searches lacks what can be found now.
  const { rows: serving } = await client.query('select from encoder_state where serving = $1', [fingerprint]);
  if (serving.length > 0) {
    for (const tenant of [...new Set(rows.map((row) => row.tenant))].sort()) await nextEpoch(client, tenant);
  }
  return rows.length;
}

async function unmark(
  client: PoolClient,
  passages: readonly MissingPassage[],
  fingerprint: string,
): Promise<void> {
  if (passages.length === 0) return;
  await client.query(
    `update chunks set encoded_by = array_remove(coalesce(encoded_by, array[fingerprint]), $3)
     where (tenant, id) in (select * from unnest($1::text[], $2::text[]))
       and $3 = any (coalesce(encoded_by, array[fingerprint]))`,
    [passages.map(({ tenant }) => tenant), passages.map(({ id }) => id), fingerprint],
  );
}

/**
 * Documents of which nothing is missing any more are no work; the others can be taken again, at once or, where a job
 * is at them, a moment later.
 *
 * @returns by how much the number of passages to be encoded was reckoned wrongly: some went away, or came.
 */
async function letGo(
  client: PoolClient,
  {
    fingerprint,
    leaseId,
    documents,
    fresh,
  }: {
    readonly fingerprint: string;
    readonly leaseId: string;
    readonly documents: readonly TakenDocument[];
    readonly fresh: readonly MissingPassage[];
  },
): Promise<number> {
  const counts = new Map<string, number>();
  for (const { tenant, documentId } of fresh) {
    const key = keyOf(tenant, documentId);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const { rows } = await client.query<{ change: number }>(
    `with held as (
       select w.*, taken.encoded as now_encoded,
              (select count(*)::int from visible_chunks v join chunks c on c.tenant = v.tenant and c.id = v.chunk_id
               where v.tenant = w.tenant and v.document_id = w.document_id and v.family = 'text'
                 and w.fingerprint <> all (coalesce(c.encoded_by, array[c.fingerprint]))) as still_missing
       from unnest($1::text[], $2::text[], $3::int[]) as taken (tenant, id, encoded)
       join encoder_work w on w.fingerprint = $4 and w.tenant = taken.tenant and w.document_id = taken.id
       where w.lease_id = $5),
     done as (
       delete from encoder_work w using held h
       where h.still_missing = 0 and w.fingerprint = h.fingerprint and w.tenant = h.tenant
         and w.document_id = h.document_id),
     left_over as (
       update encoder_work w set lease_id = null, lease_until = null, failures = 0,
         encoded = h.encoded + h.now_encoded, missing = h.encoded + h.now_encoded + h.still_missing,
         run_after = case when h.now_encoded > 0 then now() else now() + interval '500 milliseconds' end
       from held h
       where h.still_missing > 0 and w.fingerprint = h.fingerprint and w.tenant = h.tenant
         and w.document_id = h.document_id)
     select coalesce(sum(encoded + now_encoded + still_missing - missing), 0)::int as change from held`,
    [
      ...[documents.map(({ tenant }) => tenant), documents.map(({ documentId }) => documentId)],
      documents.map(({ tenant, documentId }) => counts.get(keyOf(tenant, documentId)) ?? 0),
      ...[fingerprint, leaseId],
    ],
  );
  return rows[0]?.change ?? 0;
}
