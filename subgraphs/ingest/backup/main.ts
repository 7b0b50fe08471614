import { rename } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { openFilesystemBlobStore } from '../../../platform/blobs/filesystem-blob-store.ts';
import { rejected } from '../../../platform/errors.ts';
import { openBlobs, openVectors } from '../../../platform/open-adapters.ts';
import { openDatabaseFromConfig } from '../../../platform/postgres/open-database-from-config.ts';
import { runProcess } from '../../../platform/run-process.ts';
import { type BackupStores, backUp } from './back-up.ts';
import { writeLedger } from './ledger.ts';
import { restore } from './restore.ts';

const usage = `What to do is one of
  backup DIRECTORY                     writes all that is kept into a new folder, while the system serves
  restore DIRECTORY [--receipts FILE]… [--without-tenant NAME]…
                                       restores that into empty stores; what was deleted since stays deleted
  receipts FILE                        writes the ledger of deletion receipts, to be kept elsewhere`;

/**
 * `npm run backup`, `npm run restore` and `npm run receipts`: run beside the stores, with the configuration of the
 * services.
 */
await runProcess('backup', async (context) => {
  const { config, logger, stack } = context;
  const { values, positionals } = parse();
  const [what = '', target = ''] = positionals;
  if (!['backup', 'restore', 'receipts'].includes(what) || target === '' || positionals.length > 2) {
    throw rejected('USAGE', usage);
  }
  const opened = stack.use(await openDatabaseFromConfig({ ...config, logger }));
  const stores: BackupStores = {
    database: opened.database,
    connection: { connectionString: config.databaseMigrationUrl ?? opened.connectionString },
    vectors: await openVectors(context),
    blobs: await openBlobs(context),
    logger,
  };
  const directory = resolve(target);
  // An archive is of any size: it fills its disk up to the end.
  const openArchive = (folder: string) => openFilesystemBlobStore({ directory: folder, reserveBytes: 0 });

  if (what === 'backup') {
    const manifest = await backUp({ ...stores, directory, openArchive }, context.draining);
    const rows = manifest.tables.reduce((sum, { count }) => sum + count, 0);
    console.log(
      `Backed up ${rows} rows, ${manifest.blobs.count} blobs and ${manifest.vectors.count} vectors, as of ${manifest.takenAt}, in ${directory}.`,
    );
    if (manifest.missingBlobs.length > 0) {
      console.log(
        `${manifest.missingBlobs.length} blobs were not there: of documents deleted meanwhile, or lost before. The manifest names them.`,
      );
    }
  } else if (what === 'restore') {
    const done = await restore(
      {
        ...{ ...stores, directory, openArchive },
        ledgers: (values.receipts ?? []).map((path) => resolve(path)),
        withoutTenants: values['without-tenant'] ?? [],
      },
      context.draining,
    );
    console.log(
      `Restored ${done.rows} rows, ${done.blobs} blobs and ${done.vectors} vectors, as of ${done.takenAt}. ` +
        `Deleted again: ${done.deletedAgain}. Vectors made anew by the workers: of ${done.remade} documents.`,
    );
  } else {
    const client = new pg.Client(stores.connection);
    await client.connect();
    stack.defer(() => client.end());
    await client.query('begin isolation level repeatable read read only; set local role tributary_worker');
    // The one before is replaced once this one is whole.
    const draft = `${basename(directory)}.${process.pid}`;
    const ledger = await writeLedger(client, dirname(directory), draft);
    await rename(join(dirname(directory), draft), directory);
    console.log(`Wrote ${ledger.count} receipts to ${directory}.`);
  }
  await stack[Symbol.asyncDispose]();
  process.exit(0);
});

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        receipts: { type: 'string', multiple: true },
        'without-tenant': { type: 'string', multiple: true },
      },
    });
  } catch (error) {
    throw rejected('USAGE', usage, { cause: error });
  }
}
