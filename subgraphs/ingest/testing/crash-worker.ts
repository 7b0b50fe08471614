import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { openFilesystemBlobStore } from '../../../platform/blobs/filesystem-blob-store.ts';
import { systemClock } from '../../../platform/ports/clock.ts';
import { openDatabase } from '../../../platform/postgres/pg-database.ts';
import { createHashEncoder } from '../../../platform/testing/hash-encoder.ts';
import { silentLogger } from '../../../platform/testing/silent-logger.ts';
import { openLanceDbVectorStore } from '../../../platform/vectors/lancedb-vector-store.ts';
import { createIngestSubgraph } from '../subgraph.ts';

// A process that works on jobs until it is killed: `crash-worker.ts <connection string> <folder>`. It says "ready" on
// standard output once it takes jobs, and ends when its standard input does, so that none is left behind.

const [connectionString = '', directory = ''] = process.argv.slice(2);
process.stdin.resume().on('end', () => process.exit(0));
await createIngestSubgraph({
  database: await openDatabase({ connection: { connectionString }, logger: silentLogger, poolSize: 4 }),
  blobs: await openFilesystemBlobStore({ directory: join(directory, 'blobs') }),
  vectors: await openLanceDbVectorStore({ directory: join(directory, 'vectors'), logger: silentLogger }),
  encoder: createHashEncoder(),
  clock: systemClock,
  logger: silentLogger,
  secret: 'a secret that is only for tests, 32+',
  receiptKey: generateKeyPairSync('ed25519').privateKey,
  ...{ maxUploadBytes: 1_000_000, uploadLifetimeSeconds: 60, maxQueuedJobs: 1000 },
  ...{ fetchTimeoutMs: 1000, fetchPrivateHosts: [], workers: 3 },
  timing: { leaseMs: 400, pollMs: 50 },
});
process.stdout.write('ready\n');
