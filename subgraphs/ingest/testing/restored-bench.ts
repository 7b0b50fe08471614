import { join } from 'node:path';
import { openFilesystemBlobStore } from '../../../platform/blobs/filesystem-blob-store.ts';
import { DisposableStack } from '../../../platform/disposable-stack.ts';
import { silentLogger } from '../../../platform/testing/silent-logger.ts';
import { temporaryDirectory } from '../../../platform/testing/temporary-directory.ts';
import { createTestDatabase } from '../../../platform/testing/test-database.ts';
import { openLanceDbVectorStore } from '../../../platform/vectors/lancedb-vector-store.ts';
import type { BackupStores } from '../backup/back-up.ts';
import type { IngestBench } from './ingest-bench.ts';

/** The folders of a backup's blobs are stores of their own. */
export const openArchive = (directory: string) => openFilesystemBlobStore({ directory, reserveBytes: 0 });

/** What a bench's stores are to a backup. */
export const storesOf = ({
  database,
  vectors,
  blobs,
  logger,
  connectionString,
}: IngestBench): BackupStores => ({ database, vectors, blobs, logger, connection: { connectionString } });

/** Stores that nothing is in, to restore into. */
export async function createEmptyStores(): Promise<BackupStores & AsyncDisposable> {
  const stack = new DisposableStack();
  const directory = stack.use(await temporaryDirectory());
  const database = stack.use(await createTestDatabase());
  return {
    database,
    connection: database.connection,
    vectors: stack.use(
      await openLanceDbVectorStore({ directory: join(directory.path, 'vectors'), logger: silentLogger }),
    ),
    blobs: stack.use(await openFilesystemBlobStore({ directory: join(directory.path, 'blobs') })),
    logger: silentLogger,
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}
