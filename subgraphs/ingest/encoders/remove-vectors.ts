import type { Database } from '../../../platform/postgres/database.ts';
import type { EncoderMigrationModel } from '../models.ts';
import { inBatches } from '../reconcile/batches.ts';
import type { StoreDependencies } from '../store.ts';
import { changeMigration } from './encoder-migrations.ts';

export interface RemovalOptions {
  readonly leaseId: string;
  readonly leaseMs: number;
  /** Searches that began before the end of the migration, or the switch before it, have so long to finish. */
  readonly graceMs: number;
}

const batchSize = 1000;
const markBatchSize = 5000;

/**
 * Removes the vectors of the encoder that a migration gave up, and every mark of them; then the migration has ended.
 * One process at a time; begun again where that one dies.
 *
 * @returns whether it has done something; there is nothing to do before the grace time is over.
 */
export async function removeVectors(
  migration: EncoderMigrationModel,
  dependencies: StoreDependencies,
  options: RemovalOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { database, vectors } = dependencies;
  const { id, state, source, target } = migration;
  const fingerprint = state === 'FINISHING' ? source : target;
  if (!(await takeRemoval(database, id, options))) return false;
  for (const collection of await vectors.collections(signal)) {
    if (collection.fingerprint !== fingerprint) continue;
    for await (const batch of inBatches(vectors.listChunks(collection, null, signal), batchSize)) {
      signal.throwIfAborted();
      const byTenant = new Map<string, string[]>();
      for (const { tenant, chunkId } of batch) {
        byTenant.set(tenant, [...(byTenant.get(tenant) ?? []), chunkId]);
      }
      let removed = 0;
      for (const [tenant, ids] of byTenant) removed += await vectors.deleteChunks(collection, tenant, ids);
      await database.forWorker(async (client) => {
        await prolong(client, id, options);
        await changeMigration(client, id, { removed });
      });
    }
  }
  await removeMarks(fingerprint, id, database, options, signal);
  await database.forWorker((client) =>
    changeMigration(client, id, { state: state === 'FINISHING' ? 'FINISHED' : 'CANCELLED' }),
  );
  return true;
}

type Client = Parameters<Parameters<Database['forWorker']>[0]>[0];

function takeRemoval(
  database: Database,
  id: string,
  { leaseId, leaseMs, graceMs }: RemovalOptions,
): Promise<boolean> {
  return database.forWorker(async (client) => {
    const { rowCount } = await client.query(
      `update encoder_migrations set lease_id = $2, lease_until = now() + $3 * interval '1 millisecond'
       where id = $1 and (lease_until is null or lease_until < now())
         and greatest(ending_at, (select switched_at from encoder_state)) < now() - $4 * interval '1 millisecond'`,
      [id, leaseId, leaseMs, graceMs],
    );
    return rowCount === 1;
  });
}

async function prolong(client: Client, id: string, { leaseId, leaseMs }: RemovalOptions): Promise<void> {
  const { rowCount } = await client.query(
    `update encoder_migrations set lease_until = now() + $3 * interval '1 millisecond'
     where id = $1 and lease_id = $2`,
    [id, leaseId, leaseMs],
  );
  if (rowCount !== 1) throw new Error('Another process removes the vectors of this migration.');
}

/** Passages that cannot be found at present are marked, too. */
async function removeMarks(
  fingerprint: string,
  migrationId: string,
  database: Database,
  options: RemovalOptions,
  signal: AbortSignal,
): Promise<void> {
  for (let position = { tenant: '', id: '' }; ; ) {
    signal.throwIfAborted();
    const last = await database.forWorker(async (client) => {
      await prolong(client, migrationId, options);
      const { rows } = await client.query<{ tenant: string; id: string }>(
        `with marked as (
           select tenant, id from chunks
           where (tenant, id) > ($1, $2) and $3 = any (coalesce(encoded_by, array[fingerprint]))
           order by tenant, id limit $4),
         changed as (
           update chunks c set encoded_by = array_remove(coalesce(c.encoded_by, array[c.fingerprint]), $3)
           from marked m where c.tenant = m.tenant and c.id = m.id)
         select tenant, id from marked order by tenant desc, id desc limit 1`,
        [position.tenant, position.id, fingerprint, markBatchSize],
      );
      return rows[0];
    });
    if (last === undefined) return;
    position = last;
  }
}
