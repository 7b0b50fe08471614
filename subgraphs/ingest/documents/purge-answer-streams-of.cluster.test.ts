import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRedisAnswerStreams } from '../../../platform/answer-streams/redis-answer-streams.ts';
import { DisposableStack } from '../../../platform/disposable-stack.ts';
import { openRedis } from '../../../platform/redis/open-redis.ts';
import { startRedisServer } from '../../../platform/servers/redis-server.ts';
import { eventually } from '../../../platform/testing/eventually.ts';
import { silentLogger } from '../../../platform/testing/silent-logger.ts';
import { temporaryDirectory } from '../../../platform/testing/temporary-directory.ts';
import type { DeletionReceiptModel } from '../models.ts';
import { createIngestBench } from '../testing/ingest-bench.ts';
import { ingest } from '../testing/operations.ts';

const fields = 'id documentId requestedAt unfindableAt purgedAt stores { store removed purgedAt } signature';

async function setUp() {
  const stack = new DisposableStack();
  onTestFinished(() => stack[Symbol.asyncDispose]());
  const folder = stack.use(await temporaryDirectory());
  const server = stack.use(await startRedisServer({ directory: folder.path, appendOnly: true }));
  const redis = stack.use(await openRedis({ url: server.url, logger: silentLogger }));
  const streams = stack.use(createRedisAnswerStreams(redis, silentLogger));
  const bench = stack.use(await createIngestBench({ streams, timing: { receiptWaitMs: 1 } }));
  const raw = new Redis(server.url);
  raw.on('error', () => undefined);
  stack.defer(() => raw.disconnect());

  /** An answer under way that rests on a document, in the database and in its stream. */
  const answerFrom = async (documentId: string, answerId: string) => {
    await bench.database.forWorker(async (client) => {
      await client.query(
        `insert into answers (tenant, id, subject, conversation_id, question, style, model, state, input, last_sequence)
         values ('acme', $1, 'ann', 'cnv_1', 'What?', 'EXTRACTIVE', 'extractive', 'RUNNING', '{}', 2)`,
        [answerId],
      );
      await client.query(`insert into answer_documents values ('acme', $1, $2)`, [answerId, documentId]);
    });
    const event = { sequence: 2, kind: 'TokenDelta', payload: { text: 'hippopotamus' } };
    await streams.append({ tenant: 'acme', answerId }, [event]);
  };
  const stored = async () => {
    const keys = await raw.keys('tributary:answers:*ans_*');
    return JSON.stringify(await Promise.all(keys.map((key) => raw.xrange(key, '-', '+'))));
  };
  const remove = async (id: string) =>
    (
      await bench.run<{ deleteDocument: DeletionReceiptModel }>(
        `mutation ($id: ID!) { deleteDocument(id: $id) { ... on DeletionReceipt { ${fields} } } }`,
        { id },
      )
    ).deleteDocument;
  /** The receipt when the purge has ended. */
  const receiptOf = (id: string) =>
    eventually(
      async () => {
        const receipt = await remove(id);
        return receipt.purgedAt === null ? null : receipt;
      },
      { timeoutMs: 60_000 },
    );
  return { server, bench, answerFrom, stored, remove, receiptOf };
}

describe('a deletion with answer streams', () => {
  it('removes the words from Redis, and says in the receipt from how many answers', async () => {
    const { bench, answerFrom, stored, remove, receiptOf } = await setUp();
    const { document } = await ingest(bench, { text: 'A hippopotamus.', source: 'one' });
    const { document: other } = await ingest(bench, { text: 'A rhinoceros.', source: 'two' });
    await answerFrom(document.id, 'ans_1');
    await answerFrom(document.id, 'ans_2');
    await answerFrom(other.id, 'ans_3');
    await remove(document.id);
    const { stores } = await receiptOf(document.id);
    expect(stores.find(({ store }) => store === 'answer-streams')).toEqual({
      store: 'answer-streams',
      removed: 2,
      purgedAt: expect.any(String),
    });
    expect((await stored()).match(/hippopotamus/g)).toHaveLength(1);
    await remove(other.id);
    expect((await receiptOf(other.id)).stores).toContainEqual({
      store: 'answer-streams',
      removed: 1,
      purgedAt: expect.any(String),
    });
    expect(await stored()).not.toContain('hippopotamus');
  });

  it('waits for a Redis that is away, and is acknowledged nevertheless', async () => {
    const { server, bench, answerFrom, stored, remove, receiptOf } = await setUp();
    const { document } = await ingest(bench, { text: 'A hippopotamus.', source: 'one' });
    await answerFrom(document.id, 'ans_1');
    await server.stop();
    expect(await remove(document.id)).toMatchObject({ documentId: document.id, purgedAt: null });
    await eventually(async () => {
      const { rowCount } = await bench.database.forWorker((client) =>
        client.query('select from answer_stream_purges where removed is null'),
      );
      return rowCount === 1;
    });
    expect((await remove(document.id)).purgedAt).toBeNull();
    // It comes back with all that it had.
    await server.start();
    expect((await receiptOf(document.id)).stores).toContainEqual({
      store: 'answer-streams',
      removed: 1,
      purgedAt: expect.any(String),
    });
    expect(await stored()).not.toContain('hippopotamus');
  });

  it('needs Redis no more once a stream cannot have lived so long', async () => {
    const { server, bench, answerFrom, remove, receiptOf } = await setUp();
    const { document } = await ingest(bench, { text: 'A hippopotamus.', source: 'one' });
    await answerFrom(document.id, 'ans_1');
    await server.stop();
    await remove(document.id);
    await eventually(async () => {
      const { rowCount } = await bench.database.forWorker((client) =>
        client.query(`update answer_stream_purges set purged_at = purged_at - interval '211 seconds'`),
      );
      return rowCount === 1;
    });
    expect((await receiptOf(document.id)).stores).toContainEqual({
      store: 'answer-streams',
      removed: 0,
      purgedAt: expect.any(String),
    });
  });

  it('removes a tenant’s answers', async () => {
    const { bench, answerFrom, stored } = await setUp();
    const { document } = await ingest(bench, { text: 'A hippopotamus.', source: 'one' });
    await answerFrom(document.id, 'ans_1');
    const { removeTenant } = await bench.run<{
      removeTenant: { stores: { store: string; removed: number }[] };
    }>(
      `mutation { removeTenant(tenant: "acme") { ... on TenantRemoval { stores { store removed purgedAt } } } }`,
      {},
      { scopes: ['admin'] },
    );
    expect(removeTenant.stores).toContainEqual({
      store: 'answer-streams',
      removed: 1,
      purgedAt: expect.any(String),
    });
    expect(await stored()).not.toContain('hippopotamus');
  });
});
