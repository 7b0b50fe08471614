import type { PoolClient } from 'pg';
import { newId } from '../../../platform/ids.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { BlobStore } from '../../../platform/ports/blob-store.ts';
import type { Clock } from '../../../platform/ports/clock.ts';
import type { CollectionName, VectorStore } from '../../../platform/ports/vector-store.ts';
import { allowIdle } from '../../../platform/postgres/allow-idle.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { blobKeyTime } from '../documents/blob-key.ts';
import { sweepDirectUploads } from '../http/direct-uploads.ts';
import { insertJob } from '../jobs/jobs.ts';
import { spaceOf } from '../jobs/make-up-for.ts';
import { tierOf } from '../tiers/tier.ts';
import { inBatches } from './batches.ts';

export interface ReconcileDependencies {
  readonly database: Database;
  readonly vectors: VectorStore;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Bytes that no row refers to are on their way still when they are younger than this, in milliseconds. */
  readonly blobGraceMs: number;
}

/** What a sweep has found and mended. */
export interface Reconciliation {
  readonly vectorsRemoved: number;
  readonly blobsRemoved: number;
  readonly uploadsRemoved: number;
  /** Events of jobs that ended more than 30 days ago. */
  readonly eventsRemoved: number;
  /** Documents with passages that could be found by nobody: jobs make their vectors anew. */
  readonly documentsMended: number;
}

const batchSize = 1000;
/** So long the vector store may take to remove what is orphaned. */
const storeWaitMs = 120_000;
/** An upload that has expired is remembered for a day, so that it can be told from one that never was. */
const uploadMemoryMs = 24 * 60 * 60 * 1000;
/** So long after its job has ended an event is kept; the last one of each job is kept as long as the document. */
const eventMemoryMs = 30 * 24 * 60 * 60 * 1000;

/**
 * Compares the stores with the database, both ways: what the database does not know is removed, and what it
 * knows and is not there is made again. Safe at any time, beside running jobs and other sweeps.
 */
export async function reconcile(
  dependencies: ReconcileDependencies,
  signal: AbortSignal,
): Promise<Reconciliation> {
  let vectorsRemoved = 0;
  let documentsMended = 0;
  const coldIsDue = await takeColdTurn(dependencies);
  for (const collection of await dependencies.vectors.collections(signal)) {
    if (tierOf(collection) === 'COLD' && !coldIsDue) continue;
    const swept = await sweepCollection(collection, dependencies, signal);
    vectorsRemoved += swept.removed;
    documentsMended += swept.mended;
  }
  const uploadsRemoved = await removeExpiredUploads(dependencies, signal);
  const blobsRemoved =
    (await sweepBlobs(dependencies, signal)) + (await sweepDirectUploads(dependencies, signal));
  const eventsRemoved = await removeOldEvents(dependencies, signal);
  const result = { vectorsRemoved, blobsRemoved, uploadsRemoved, eventsRemoved, documentsMended };
  if (Object.values(result).some((count) => count > 0))
    dependencies.logger.info(result, 'the stores were reconciled');
  return result;
}

/** Whether it is time to compare cold collections, too: that brings them into memory, so once a day is enough. */
async function takeColdTurn({ database, clock }: ReconcileDependencies): Promise<boolean> {
  return database.forWorker(async (client) => {
    const { rowCount } = await client.query(
      `insert into background_tasks as known (name, dealt_with_until) values ('reconcile-cold', $1)
       on conflict (name) do update set dealt_with_until = $1
         where known.dealt_with_until <= $1 - interval '1 day'`,
      [new Date(clock.now())],
    );
    return rowCount === 1;
  });
}

interface Listed {
  readonly tenant: string;
  readonly chunkId: string;
  readonly documentId: string;
}

async function sweepCollection(
  collection: CollectionName,
  dependencies: ReconcileDependencies,
  signal: AbortSignal,
): Promise<{ removed: number; mended: number }> {
  const { database, vectors } = dependencies;
  const startedAt = await database.forWorker(async (client) => {
    const { rows } = await client.query<{ now: Date }>('select now()');
    return rows[0]?.now ?? new Date(0);
  });
  let removed = 0;
  const present = new Map<string, number>();
  for await (const listed of inBatches(vectors.listChunks(collection, null, signal), batchSize)) {
    const rows = await database.forWorker((client) => findKnown(client, listed, collection));
    for (const row of rows) {
      const key = documentKey(row.tenant, row.document_id);
      if (row.visible) present.set(key, (present.get(key) ?? 0) + 1);
    }
    const known = new Set(rows.map(({ tenant, id }) => `${tenant}/${id}`));
    const orphans = listed.filter(({ tenant, chunkId }) => !known.has(`${tenant}/${chunkId}`));
    if (orphans.length > 0) removed += await removeOrphans(orphans, collection, dependencies);
  }
  return { removed, mended: await mendDocuments(collection, present, startedAt, dependencies) };
}

const documentKey = (tenant: string, documentId: string): string => `${tenant}/${documentId}`;

interface KnownChunk {
  readonly tenant: string;
  readonly id: string;
  readonly document_id: string;
  /** Whether it can be found by what is in this collection. */
  readonly visible: boolean;
}

/** Those of the chunks of a collection that are there rightly. */
async function findKnown(
  client: PoolClient,
  listed: readonly Listed[],
  collection: CollectionName,
): Promise<KnownChunk[]> {
  // What is left of an encoder that was retired belongs to nobody. While its migration ends it is left to that:
  // searches that began before may still be at it. So is what is in the other tier than the row says: while a document
  // moves it may be in both.
  const { rows } = await client.query<KnownChunk>(
    `select c.tenant, c.id, c.document_id,
            v.chunk_id is not null and d.tier = $4 and $3 = any (coalesce(c.encoded_by, array[c.fingerprint]))
              as visible
     from unnest($1::text[], $2::text[]) as wanted (tenant, id)
     join chunks c using (tenant, id)
     join documents d on d.tenant = c.tenant and d.id = c.document_id
       and (d.tier = $4 or d.two_tiers_since is not null)
     left join visible_chunks v on v.tenant = c.tenant and v.chunk_id = c.id
     where (c.family = 'text' or $3 = any (coalesce(c.encoded_by, array[c.fingerprint])))
       and (not exists (select from encoders e where e.fingerprint = $3 and e.retired)
        or exists (select from encoder_migrations m where m.state in ('FINISHING', 'CANCELLING')
                     and $3 = case m.state when 'FINISHING' then m.source else m.target end))`,
    [
      listed.map(({ tenant }) => tenant),
      listed.map(({ chunkId }) => chunkId),
      ...[collection.fingerprint, tierOf(collection)],
    ],
  );
  return rows;
}

/** Removes vectors without rows, or in a tier that their document is not in; not those of a document that a job is at, which may just write the rows. */
async function removeOrphans(
  orphans: readonly Listed[],
  collection: CollectionName,
  { database, vectors }: ReconcileDependencies,
): Promise<number> {
  return database.forWorker(async (client) => {
    await allowIdle(client, storeWaitMs);
    const tenants = orphans.map(({ tenant }) => tenant);
    const documentIds = orphans.map(({ documentId }) => documentId);
    // While these are held no job can be added for them.
    await client.query(
      `select from documents where (tenant, id) in (select * from unnest($1::text[], $2::text[]))
       order by tenant, id for no key update`,
      [tenants, documentIds],
    );
    const { rows } = await client.query<{ tenant: string; document_id: string }>(
      `select tenant, document_id from jobs
       where (tenant, document_id) in (select * from unnest($1::text[], $2::text[])) and state in ('QUEUED', 'RUNNING')`,
      [tenants, documentIds],
    );
    const busy = new Set(rows.map((row) => documentKey(row.tenant, row.document_id)));
    // A document may have moved here since it was looked at.
    const owned = new Set(
      (await findKnown(client, orphans, collection)).map(({ tenant, id }) => `${tenant}/${id}`),
    );
    const byTenant = new Map<string, string[]>();
    for (const { tenant, documentId, chunkId } of orphans) {
      if (busy.has(documentKey(tenant, documentId)) || owned.has(`${tenant}/${chunkId}`)) continue;
      byTenant.set(tenant, [...(byTenant.get(tenant) ?? []), chunkId]);
    }
    let removed = 0;
    for (const [tenant, ids] of byTenant) removed += await vectors.deleteChunks(collection, tenant, ids);
    return removed;
  });
}

/** Adds a job for each document that has fewer vectors than passages that should be found. */
async function mendDocuments(
  collection: CollectionName,
  present: ReadonlyMap<string, number>,
  before: Date,
  { database }: ReconcileDependencies,
): Promise<number> {
  return database.forWorker(async (client) => {
    const { rows } = await client.query<{ tenant: string; id: string; version: number; chunks: number }>(
      `select d.tenant, d.id, d.version, count(*) as chunks
       from documents d join visible_chunks v on v.tenant = d.tenant and v.document_id = d.id
       join chunks c on c.tenant = v.tenant and c.id = v.chunk_id
       where c.family = $1 and $2 = any (coalesce(c.encoded_by, array[c.fingerprint])) and d.updated_at < $3
         and d.tier = $4 and (d.two_tiers_since is null or d.two_tiers_since < $3)
         and not exists (select from encoders e where e.fingerprint = $2 and e.retired)
         and not exists (select from jobs j where j.tenant = d.tenant and j.document_id = d.id
                           and j.state in ('QUEUED', 'RUNNING'))
       group by d.tenant, d.id`,
      [collection.family, collection.fingerprint, before, tierOf(collection)],
    );
    const incomplete = rows.filter((row) => (present.get(documentKey(row.tenant, row.id)) ?? 0) < row.chunks);
    for (const { tenant, id, version } of incomplete) {
      await insertJob(client, {
        ...{ tenant, id: newId('job'), documentId: id, version },
        // Pictures and sound are read again from the original; text is in the rows.
        ...{ kind: collection.family === 'text' ? 'ATTRIBUTES' : 'CONTENT', duplicate: false, ended: false },
        needs: collection.family === 'text' ? [] : [spaceOf(collection)],
      });
    }
    return incomplete.length;
  });
}

async function removeExpiredUploads(
  { database, blobs, clock, blobGraceMs }: ReconcileDependencies,
  signal: AbortSignal,
): Promise<number> {
  // Bytes that nobody took in are let go of first; the next sweep finds them where this one ends in between.
  const keys = await database.forWorker(async (client) => {
    const { rows } = await client.query<{ blob_key: string }>(
      `update uploads set state = 'USED', file_name = '', blob_key = null
       from (select tenant, id, blob_key from uploads where blob_key is not null and expires_at < $1 for update) as old
       where uploads.tenant = old.tenant and uploads.id = old.id
       returning old.blob_key`,
      [new Date(clock.now() - blobGraceMs)],
    );
    return rows.map(({ blob_key }) => blob_key);
  });
  for (const key of keys) {
    signal.throwIfAborted();
    await blobs.delete(key);
  }
  await database.forWorker((client) =>
    client.query('delete from uploads where expires_at < $1', [new Date(clock.now() - uploadMemoryMs)]),
  );
  return keys.length;
}

async function sweepBlobs(
  { database, blobs, clock, blobGraceMs }: ReconcileDependencies,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0;
  for await (const keys of inBatches(blobs.list('documents/', signal), batchSize)) {
    const old = keys.filter(
      (key) => (blobKeyTime(key) ?? Number.POSITIVE_INFINITY) <= clock.now() - blobGraceMs,
    );
    const unknown = await database.forWorker(async (client) => {
      const { rows } = await client.query<{ key: string }>(
        `select key from unnest($1::text[]) as listed (key)
         where not exists (select from document_versions where blob_key = key)
           and not exists (select from uploads where blob_key = key)
           and not exists (select from chunks where preview_key = key)`,
        [old],
      );
      return rows.map(({ key }) => key);
    });
    for (const key of unknown) removed += (await blobs.delete(key)) ? 1 : 0;
  }
  return removed;
}

/** Removes what jobs told on their way, a while after they have ended; how each ended stays. */
async function removeOldEvents(
  { database, clock }: ReconcileDependencies,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0;
  for (;;) {
    signal.throwIfAborted();
    const count = await database.forWorker(async (client) => {
      const { rowCount } = await client.query(
        `delete from job_events where (tenant, job_id, sequence) in (
           select e.tenant, e.job_id, e.sequence from jobs j
           join job_events e on e.tenant = j.tenant and e.job_id = j.id and e.sequence < j.events
           where j.finished_at < $1 limit $2)`,
        [new Date(clock.now() - eventMemoryMs), batchSize],
      );
      return rowCount ?? 0;
    });
    removed += count;
    if (count < batchSize) return removed;
  }
}
