import { tenantTag } from '../../../platform/cache/cache-tags.ts';
import { rejected } from '../../../platform/errors.ts';
import type { StorePurgeModel, TenantRemovalModel } from '../models.ts';
import { inBatches } from '../reconcile/batches.ts';
import type { PurgeDocumentDependencies } from './delete-document.ts';

/**
 * Removes a tenant with everything in it. The rows go first, so that nothing is found from then on; where this
 * ends before the rest is gone, it can be done again, and the reconciler does it, too.
 *
 * @throws TributaryError `REJECTED_INPUT` where the name cannot be one of a tenant.
 */
export async function removeTenant(
  tenant: string,
  {
    database,
    cache,
    vectors,
    blobs,
    streams,
    clock,
  }: Pick<PurgeDocumentDependencies, 'database' | 'cache' | 'vectors' | 'blobs' | 'streams' | 'clock'>,
  signal: AbortSignal,
): Promise<TenantRemovalModel> {
  if (!/^[a-z0-9_-]{1,64}$/.test(tenant)) {
    throw rejected('INVALID_TENANT', 'A tenant has 1 to 64 letters a to z, digits, _ and -.', {
      field: 'tenant',
    });
  }
  const stores: StorePurgeModel[] = [];
  const note = (store: string, removed: number) =>
    stores.push({ store, removed, purgedAt: new Date(clock.now()).toISOString() });

  const rows = await database.forWorker(async (client) => {
    const { rows: tables } = await client.query<{ table_name: string }>(
      `select c.table_name from information_schema.columns c
       join information_schema.tables t using (table_schema, table_name)
       where c.table_schema = 'public' and c.column_name = 'tenant' and t.table_type = 'BASE TABLE'
       -- What others refer to goes last, so that everything is counted.
       order by c.table_name in ('documents', 'jobs', 'answers'), c.table_name = 'documents', c.table_name`,
    );
    let metadata = 0;
    let answers = 0;
    for (const { table_name } of tables) {
      const { rowCount } = await client.query(`delete from "${table_name}" where tenant = $1`, [tenant]);
      if (table_name.startsWith('answer')) answers += rowCount ?? 0;
      else metadata += rowCount ?? 0;
    }
    return { metadata, answers };
  });
  note('metadata', rows.metadata);
  note('answers', rows.answers);
  if (streams) {
    try {
      note('answer-streams', await streams.purgeTenant(tenant));
    } catch {
      // Redis cannot be reached; what it has ends by itself within minutes, and nobody is shown it until then.
      stores.push({ store: 'answer-streams', removed: 0, purgedAt: null });
    }
  }
  const forgotten = await cache.removeTagged([tenantTag(tenant)]);
  if (forgotten.complete) note('cache', forgotten.removed);
  else stores.push({ store: 'cache', removed: 0, purgedAt: null });

  let vectorsRemoved = 0;
  for (const collection of await vectors.collections(signal)) {
    const documentIds = new Set<string>();
    for await (const { documentId } of vectors.listChunks(collection, tenant, signal))
      documentIds.add(documentId);
    for await (const batch of inBatches(documentIds, 1000)) {
      vectorsRemoved += await vectors.deleteDocuments(tenant, batch);
    }
  }
  note('vectors', vectorsRemoved);

  let blobsRemoved = 0;
  for await (const key of blobs.list(`documents/${tenant}/`, signal)) {
    if (await blobs.delete(key)) blobsRemoved++;
  }
  note('blobs', blobsRemoved);
  return { tenant, stores, removedAt: new Date(clock.now()) };
}
