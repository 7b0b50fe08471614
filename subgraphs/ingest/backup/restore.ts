import { join } from 'node:path';
import pg from 'pg';
import { rejected } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import type { BlobStore } from '../../../platform/ports/blob-store.ts';
import { insertJob } from '../jobs/jobs.ts';
import { type BackupStores, explain, unlimited } from './back-up.ts';
import { deleteAgain, readLedgers } from './ledger.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { restoreBlobs } from './restore-blobs.ts';
import { restoreVectors } from './restore-vectors.ts';
import { findTables, loadTable, type Table } from './tables.ts';

export interface RestoreOptions extends BackupStores {
  readonly directory: string;
  /** The store in the folder `blobs` of it. */
  readonly openArchive: (directory: string) => Promise<BlobStore>;
  /** Ledgers of deletion receipts that are newer than the backup's own: what they name is deleted again. */
  readonly ledgers: readonly string[];
  /** Tenants that were removed after the backup: nothing of them is restored. */
  readonly withoutTenants: readonly string[];
}

export interface Restoration {
  readonly takenAt: string;
  readonly rows: number;
  readonly blobs: number;
  readonly vectors: number;
  /** Documents that were deleted after the backup's moment, and are again. */
  readonly deletedAgain: number;
  /** Documents whose vectors are made anew by the workers. */
  readonly remade: number;
}

/**
 * Restores a backup into empty stores. The rows appear at the end, all at once: where this fails before, nothing is
 * found, and the stores are emptied before it is tried again.
 *
 * @throws TributaryError `REJECTED_INPUT` where the backup is damaged, the stores are not empty, or the backup is of
 * a newer version of the program.
 */
export async function restore(options: RestoreOptions, signal: AbortSignal): Promise<Restoration> {
  const { directory, connection, vectors, blobs, logger } = options;
  const manifest = await readManifest(directory, signal);
  const entries = await readLedgers([join(directory, manifest.receipts.path), ...options.ledgers]);
  const pool = new pg.Pool({ ...connection, application_name: 'tributary', max: 1 });
  pool.on('error', () => undefined);
  try {
    const client = await pool.connect();
    let whole = false;
    try {
      await client.query(unlimited);
      await client.query('begin');
      const tables = await findTables(client);
      await checkVersion(client, manifest, tables);
      await checkEmpty(client, tables, options, signal);
      const rows = await loadTables(client, directory, manifest, tables, signal);
      await client.query('set local role tributary_worker');
      await leaveTenantsOut(client, tables, options.withoutTenants);
      const deletedAgain = await deleteAgain(client, entries.values());
      await leaveMissingOut(client, manifest);
      const remade = await remake(client, manifest);
      await using archive = await options.openArchive(join(directory, 'blobs'));
      const restored = { client, directory, manifest, signal };
      const result: Restoration = {
        takenAt: manifest.takenAt,
        rows,
        blobs: await restoreBlobs({ ...restored, from: archive, to: blobs }),
        vectors: await restoreVectors({ ...restored, to: vectors }),
        deletedAgain,
        remade,
      };
      await client.query('commit');
      whole = true;
      logger.info(result, 'the backup is restored');
      return result;
    } finally {
      client.release(!whole);
    }
  } catch (error) {
    throw explain(error);
  } finally {
    await pool.end();
  }
}

async function checkVersion(
  client: pg.PoolClient,
  manifest: Manifest,
  tables: readonly Table[],
): Promise<void> {
  const { rows } = await client.query<{ name: string }>('select name from schema_migrations');
  const known = new Set(rows.map(({ name }) => name));
  const columns = new Map(tables.map((table) => [table.name, new Set(table.columns)]));
  const unknown = [
    ...manifest.migrations.filter((name) => !known.has(name)),
    ...manifest.tables.flatMap((table) =>
      table.columns
        .filter((column) => columns.get(table.name)?.has(column) !== true)
        .map((column) => `${table.name}.${column}`),
    ),
  ];
  if (unknown.length === 0) return;
  throw rejected(
    'BACKUP_TOO_NEW',
    `The backup was taken by a newer version of Tributary: this one does not know ${unknown.join(', ')}. Restore it with ` +
      'that version.',
  );
}

async function checkEmpty(
  client: pg.PoolClient,
  tables: readonly Table[],
  { vectors, blobs }: RestoreOptions,
  signal: AbortSignal,
): Promise<void> {
  const found: string[] = [];
  for (const { name, hasTenant } of tables) {
    if (!hasTenant) continue;
    const { rowCount } = await client.query(`select from ${pg.escapeIdentifier(name)} limit 1`);
    if (rowCount !== 0) found.push(`the table ${name}`);
  }
  for (const collection of await vectors.collections(signal)) {
    for await (const { chunkId } of vectors.listChunks(collection, null, signal)) {
      found.push(`the vector of ${chunkId}`);
      break;
    }
  }
  for await (const key of blobs.list('documents/', signal)) {
    found.push(`the blob ${key}`);
    break;
  }
  if (found.length === 0) return;
  throw rejected(
    'NOT_EMPTY',
    `A backup is restored into empty stores, and there is ${found.join(', ')}. Restore into a new database, bucket and ` +
      'vector database (or a new data folder), and let the services use those.',
  );
}

async function loadTables(
  client: pg.PoolClient,
  directory: string,
  manifest: Manifest,
  tables: readonly Table[],
  signal: AbortSignal,
): Promise<number> {
  let rows = 0;
  // In the order of this database: a newer version may have added what one table refers to.
  for (const { name } of tables) {
    const table = manifest.tables.find((candidate) => candidate.name === name);
    if (table === undefined) continue;
    signal.throwIfAborted();
    const loaded = await loadTable(client, table, join(directory, table.path));
    if (loaded !== table.count) {
      throw new Error(`Of the table ${name} ${loaded} rows were loaded, and there are ${table.count}.`);
    }
    rows += loaded;
  }
  return rows;
}

async function leaveTenantsOut(
  client: pg.PoolClient,
  tables: readonly Table[],
  tenants: readonly string[],
): Promise<void> {
  if (tenants.length === 0) return;
  for (const { name } of tables.filter(({ hasTenant }) => hasTenant).reverse()) {
    await client.query(`delete from ${pg.escapeIdentifier(name)} where tenant = any($1)`, [tenants]);
  }
}

/** What the backup has no bytes of: uploads that were never taken in, and versions that were being replaced. */
async function leaveMissingOut(client: pg.PoolClient, { missingBlobs }: Manifest): Promise<void> {
  await client.query('delete from uploads where blob_key = any($1)', [missingBlobs]);
  await client.query(
    'update chunks set preview_key = null, preview_media_type = null where preview_key = any($1)',
    [missingBlobs],
  );
  await client.query(
    `delete from document_versions v using documents d
     where d.tenant = v.tenant and d.id = v.document_id and v.blob_key = any($1)
       and (d.deleted_at is not null or v.version < coalesce(d.visible_version, 0))`,
    [missingBlobs],
  );
}

/** Gives the workers the documents whose vectors have to be made anew. */
async function remake(client: pg.PoolClient, manifest: Manifest): Promise<number> {
  let remade = 0;
  for (const { tenant, documentId } of manifest.remake) {
    const { rows } = await client.query<{ version: number }>(
      `update documents set encoded_title = null
       where tenant = $1 and id = $2 and deleted_at is null and visible_version is not null returning version`,
      [tenant, documentId],
    );
    const [document] = rows;
    if (document === undefined) continue;
    remade++;
    await insertJob(client, {
      ...{ tenant, id: newId('job'), documentId, version: document.version },
      ...{ kind: 'ATTRIBUTES', duplicate: false, ended: false },
    });
  }
  return remade;
}
