import { mkdir, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { rejected, TributaryError } from '../../../platform/errors.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { BlobStore } from '../../../platform/ports/blob-store.ts';
import type { VectorStore } from '../../../platform/ports/vector-store.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { writeBackupFile } from './backup-file.ts';
import { copyBlobs } from './copy-blobs.ts';
import { copyVectors } from './copy-vectors.ts';
import { holdPurges } from './hold-purges.ts';
import { writeLedger } from './ledger.ts';
import { type BackupFile, type Manifest, manifestName } from './manifest.ts';
import { findTables, readTable } from './tables.ts';

/** The stores that are backed up, or that a backup is restored to. */
export interface BackupStores {
  readonly database: Database;
  /** The same database past any pooler: a user that may take the role of a worker and, to restore, add to tables. */
  readonly connection: pg.ClientConfig;
  readonly vectors: VectorStore;
  readonly blobs: BlobStore;
  readonly logger: Logger;
}

export interface BackUpOptions extends BackupStores {
  /** An empty folder, or one that is not there yet. */
  readonly directory: string;
  /** A store in the folder `blobs` of it. */
  readonly openArchive: (directory: string) => Promise<BlobStore>;
}

/**
 * Writes everything that is kept into a folder, as it was at one moment, while the system serves and writes on: the
 * rows of one snapshot, the bytes and the vectors that it names, and the deletion receipts up to the end.
 *
 * @throws TributaryError `REJECTED_INPUT` where the folder is not empty, or the database's user may not read it all.
 */
export async function backUp(options: BackUpOptions, signal: AbortSignal): Promise<Manifest> {
  const { directory, database, connection, logger } = options;
  await prepare(directory);
  const pool = new pg.Pool({ ...connection, application_name: 'tributary', max: 1 });
  pool.on('error', () => undefined);
  try {
    await using hold = await holdPurges(database);
    await using archive = await options.openArchive(join(directory, 'blobs'));
    const snapshot = await pool.connect();
    // Broken off in the middle, the snapshot's transaction ends with its connection.
    let whole = false;
    try {
      await snapshot.query(unlimited);
      // As a worker, who sees all rows whatever the policies: whoever may not be one gets an error, and not a backup
      // that lacks some.
      await snapshot.query(
        'begin isolation level repeatable read read only; set local role tributary_worker',
      );
      const { rows } = await snapshot.query<{ now: Date }>('select now()');
      const takenAt = rows[0]?.now ?? new Date();
      const migrations = await snapshot.query<{ name: string }>(
        'select name from schema_migrations order by name',
      );
      const tables = await copyTables(snapshot, directory, signal);
      const copied = { snapshot, directory, signal, checkHold: () => hold.check() };
      const blobs = await copyBlobs({ ...copied, from: options.blobs, to: archive });
      const vectors = await copyVectors({ ...copied, from: options.vectors, live: database, takenAt });
      await snapshot.query('commit');
      // Now, and not in the snapshot: what was deleted meanwhile stays deleted in whatever is restored from this.
      await snapshot.query(
        'begin isolation level repeatable read read only; set local role tributary_worker',
      );
      const receipts = await writeLedger(snapshot, directory, 'receipts.ndjson');
      await snapshot.query('commit');
      hold.check();
      signal.throwIfAborted();
      const manifest: Manifest = {
        format: 1,
        takenAt: takenAt.toISOString(),
        migrations: migrations.rows.map(({ name }) => name),
        tables,
        vectors: vectors.file,
        collections: vectors.collections,
        blobs: blobs.file,
        receipts,
        missingBlobs: blobs.missing,
        remake: vectors.remake,
      };
      await writeManifest(directory, manifest);
      whole = true;
      logger.info({ directory, takenAt: manifest.takenAt }, 'the backup is whole');
      return manifest;
    } finally {
      snapshot.release(!whole);
    }
  } catch (error) {
    throw explain(error);
  } finally {
    await pool.end();
  }
}

async function prepare(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if ((await readdir(directory)).length === 0) return;
  throw rejected(
    'FOLDER_NOT_EMPTY',
    `The folder ${directory} is not empty: each backup needs a folder of its own.`,
  );
}

async function copyTables(
  snapshot: pg.PoolClient,
  directory: string,
  signal: AbortSignal,
): Promise<Manifest['tables']> {
  const tables: (BackupFile & { name: string; columns: string[] })[] = [];
  for (const table of await findTables(snapshot)) {
    signal.throwIfAborted();
    const { bytes, count } = readTable(snapshot, table);
    const file = await writeBackupFile(directory, `tables/${table.name}.copy`, bytes, count);
    tables.push({ ...file, name: table.name, columns: [...table.columns] });
  }
  return tables;
}

/** Last, under another name until it is on the disk: a folder with a manifest is a whole backup. */
async function writeManifest(directory: string, manifest: Manifest): Promise<void> {
  const draft = join(directory, `${manifestName}.incoming`);
  const handle = await open(draft, 'wx', 0o600);
  await handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
  await handle.sync();
  await handle.close();
  await rename(draft, join(directory, manifestName));
}

/** Copying takes as long as it takes, and the transaction stands still meanwhile. */
export const unlimited = 'set statement_timeout = 0; set idle_in_transaction_session_timeout = 0';

/** Says what to do where the database's user may not do what is needed. */
export function explain(error: unknown): unknown {
  // Insufficient privilege.
  if (!(error instanceof pg.DatabaseError) || error.code !== '42501') return error;
  return new TributaryError(
    'REJECTED_INPUT',
    `The database user may not do this (${error.message}). Set TRIBUTARY_DATABASE_MIGRATION_URL to the owner of the ` +
      'database, whom backups and restores use.',
    { reason: 'DATABASE_PERMISSION', cause: error },
  );
}
