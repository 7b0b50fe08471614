import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { openFilesystemBlobStore } from '../../../platform/blobs/filesystem-blob-store.ts';
import { openBentoCache } from '../../../platform/cache/bento-cache.ts';
import { systemClock } from '../../../platform/ports/clock.ts';
import { openDatabase } from '../../../platform/postgres/pg-database.ts';
import { createHashEncoder } from '../../../platform/testing/hash-encoder.ts';
import { silentLogger } from '../../../platform/testing/silent-logger.ts';
import { openLanceDbVectorStore } from '../../../platform/vectors/lancedb-vector-store.ts';
import { PdfReader } from '../extract/pdf-reader.ts';
import { startOutbox } from '../jobs/run-outbox.ts';
import { startWorker } from '../jobs/worker.ts';
import { startReconciler } from '../reconcile/run-reconciler.ts';

// A process that works on jobs until it is killed: `crash-worker.ts <connection string> <folder>`. It says
// "loaded", waits for a line on standard input, and says "ready" once it takes jobs. It ends when its standard
// input does, so that none is left behind.

const [connectionString = '', directory = ''] = process.argv.slice(2);
process.stdin.on('end', () => process.exit(0));
process.stdout.write('loaded\n');
await new Promise((resolve) => process.stdin.once('data', resolve));

const dependencies = {
  database: await openDatabase({ connection: { connectionString }, logger: silentLogger, poolSize: 4 }),
  blobs: await openFilesystemBlobStore({ directory: join(directory, 'blobs') }),
  vectors: await openLanceDbVectorStore({ directory: join(directory, 'vectors'), logger: silentLogger }),
  cache: await openBentoCache({ maxBytes: 0, shared: null, logger: silentLogger }),
  encoder: createHashEncoder(),
  pdf: new PdfReader(),
  clock: systemClock,
  logger: silentLogger,
  receiptKey: generateKeyPairSync('ed25519').privateKey,
  blobGraceMs: 60_000,
};
await startOutbox(dependencies, { leaseMs: 400, pollMs: 50 });
await startWorker(dependencies, { concurrency: 3, leaseMs: 400, pollMs: 50 });
await startReconciler(dependencies, 60_000);
process.stdout.write('ready\n');
