import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openS3BlobStore } from '../../../platform/blobs/s3-blob-store.ts';
import { DisposableStack } from '../../../platform/disposable-stack.ts';
import { migrate } from '../../../platform/postgres/migrate.ts';
import { openDatabaseFromConfig } from '../../../platform/postgres/open-database-from-config.ts';
import { openDatabase } from '../../../platform/postgres/pg-database.ts';
import { ensureServiceUser } from '../../../platform/postgres/service-user.ts';
import { type MilvusServer, startMilvusServer } from '../../../platform/servers/milvus-server.ts';
import { type PostgresServer, startPostgresServer } from '../../../platform/servers/postgres-server.ts';
import { type S3Server, startS3Server } from '../../../platform/servers/s3-server.ts';
import { eventually } from '../../../platform/testing/eventually.ts';
import { silentLogger } from '../../../platform/testing/silent-logger.ts';
import { temporaryDirectory } from '../../../platform/testing/temporary-directory.ts';
import { milvusStores } from '../../../platform/vectors/testing/milvus-stores.ts';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';
import { findViolations } from '../testing/invariants.ts';
import { finish, ingest, ingestRaw, passages, type SeenJob } from '../testing/operations.ts';
import { openArchive } from '../testing/restored-bench.ts';
import { type BackupStores, backUp } from './back-up.ts';
import { restore } from './restore.ts';

const stack = new DisposableStack();
const { signal } = new AbortController();
let folder: string;
let milvus: MilvusServer;
let postgres: PostgresServer;
let s3: S3Server;
const vectorStores = milvusStores(() => milvus.url);

beforeAll(async () => {
  folder = stack.use(await temporaryDirectory()).path;
  milvus = stack.use(await startMilvusServer({ directory: join(folder, 'milvus') }));
  postgres = stack.use(await startPostgresServer({ directory: join(folder, 'postgres') }));
  s3 = stack.use(await startS3Server({ directory: join(folder, 's3') }));
});
afterAll(() => stack[Symbol.asyncDispose]());

/**
 * A cluster's stores, with nothing in them: PostgreSQL with an owner that is no superuser and a login of the least
 * rights, Milvus, and a bucket.
 */
async function openCluster(name: string): Promise<BackupStores> {
  const superuser = new pg.Client({ connectionString: postgres.url });
  await superuser.connect();
  await superuser.query(`create role owner_${name} login createrole password 'secret'`);
  await superuser.query(`create database ${name} owner owner_${name}`);
  await superuser.end();
  const connection = {
    ...{ host: '127.0.0.1', port: postgres.port, database: name },
    ...{ user: `owner_${name}`, password: 'secret' },
  };
  await migrate(connection);
  await ensureServiceUser(connection, { name: `service_${name}`, password: 'secret' });
  const service = { ...connection, user: `service_${name}` };
  const credentials = { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey };
  const admin = new S3Client({ region: 'us-east-1', endpoint: s3.url, forcePathStyle: true, credentials });
  await admin.send(new CreateBucketCommand({ Bucket: name }));
  admin.destroy();
  return {
    connection,
    database: stack.use(await openDatabase({ connection: service, logger: silentLogger })),
    vectors: stack.use(await vectorStores.open()),
    blobs: stack.use(
      await openS3BlobStore({
        ...{ bucket: name, endpoint: s3.url, publicEndpoint: null, region: 'us-east-1', credentials },
        ...{ pathStyle: true, presignedUploads: false, logger: silentLogger },
      }),
    ),
    logger: silentLogger,
  };
}

async function serve(stores: BackupStores): Promise<IngestBench> {
  const { database, vectors, blobs } = stores;
  return stack.use(await createIngestBench({ database, vectors, blobs }));
}

const settled = (bench: IngestBench) =>
  eventually(
    async () => {
      const { rows } = await bench.database.forWorker((client) =>
        client.query(`select from jobs where state in ('QUEUED', 'RUNNING') union all select from outbox`),
      );
      return rows.length === 0;
    },
    { timeoutMs: 60_000 },
  );

const restoreTo = (stores: BackupStores, directory: string) =>
  restore({ ...stores, directory, openArchive, ledgers: [], withoutTenants: [] }, signal);

describe('a backup', () => {
  it('moves an embedded library to a cluster, and a cluster under load to another one', async () => {
    // Embedded: our own PostgreSQL, LanceDB and a folder.
    const embedded = stack.use(
      await openDatabaseFromConfig({
        databaseUrl: null,
        dataDirectory: join(folder, 'data'),
        logger: silentLogger,
      }),
    );
    const home = stack.use(await createIngestBench({ database: embedded.database }));
    const jobs: SeenJob[] = [];
    for (let index = 0; index < 20; index++) {
      jobs.push(
        await ingest(home, { text: `Words of ${index}. ${'More. '.repeat(300)}`, source: `s${index}` }),
      );
    }
    await settled(home);
    const first = join(folder, 'first');
    const { database, vectors, blobs, logger } = home;
    const connection = { connectionString: embedded.connectionString };
    const manifest = await backUp(
      { database, vectors, blobs, logger, connection, directory: first, openArchive },
      signal,
    );
    const cluster = await openCluster('one');
    const restored = await restoreTo(cluster, first);
    expect(restored).toMatchObject({
      blobs: 20,
      vectors: manifest.vectors.count,
      deletedAgain: 0,
      remade: 0,
    });
    const bench = await serve(cluster);
    expect(await findViolations(bench)).toEqual([]);
    for (const { document } of jobs.slice(0, 3)) {
      expect(await passages(bench, document.id)).toEqual(await passages(home, document.id));
    }

    // From the cluster to the next one, while documents come, change and go.
    const deleted = new Set<string>();
    let isDone = false;
    const load = (async () => {
      for (let round = 0; !isDone; round++) {
        const document = jobs[round % jobs.length]?.document;
        if (document === undefined) break;
        if (round % 5 === 4 && deleted.size < 10) {
          await bench.run(
            'mutation ($id: ID!) { deleteDocument(id: $id) { ... on DeletionReceipt { id } } }',
            { id: document.id },
          );
          deleted.add(document.id);
        } else if (!deleted.has(document.id)) {
          const { updateDocument } = await bench.run<{ updateDocument: SeenJob }>(
            'mutation ($input: UpdateDocumentInput!) { updateDocument(input: $input) { ... on IngestJob { id } } }',
            { input: { id: document.id, text: `Round ${round} of ${document.id}.` } },
          );
          if (round % 2 === 0) await finish(bench, updateDocument.id);
        }
        await ingestRaw(bench, { text: `New in round ${round}.` });
      }
    })();
    await eventually(() => deleted.size > 0, { timeoutMs: 60_000 });
    const second = join(folder, 'second');
    const deletedBefore = [...deleted];
    await backUp({ ...cluster, directory: second, openArchive }, signal);
    isDone = true;
    await load;

    const next = await openCluster('two');
    await restoreTo(next, second);
    const follower = await serve(next);
    await settled(follower);
    expect(await findViolations(follower)).toEqual([]);
    for (const id of deletedBefore) {
      const answer = await follower.run('query ($id: ID!) { document(id: $id) { id } }', { id });
      expect(answer).toEqual({ document: null });
    }
    await settled(bench);
    expect(await findViolations(bench)).toEqual([]);
  });
});
