import { expect, it } from 'vitest';
import { eventually } from '../../../platform/testing/eventually.ts';
import { createIngestBench } from '../testing/ingest-bench.ts';
import { findViolations } from '../testing/invariants.ts';
import { ingestRaw, passages } from '../testing/operations.ts';
import { WorkerProcess } from '../testing/worker-process.ts';

/** Of several batches, so that its worker can be stopped in the middle. */
const longText = Array.from({ length: 40_000 }, (_, place) => `word${place % 997}`).join(' ');

it.each(['taken over', 'deleted', 'replaced'] as const)(
  'writes nothing when it goes on after its document was %s',
  { timeout: 120_000 },
  async (fate) => {
    await using bench = await createIngestBench({ workers: 0 });
    const scalar = async (sql: string, values: unknown[] = []): Promise<unknown> => {
      const { rows } = await bench.database.forWorker((client) =>
        client.query<{ value: unknown }>(sql, values),
      );
      return rows[0]?.value;
    };
    await using stopped = new WorkerProcess(bench.connectionString, bench.directory);
    await using other = new WorkerProcess(bench.connectionString, bench.directory);
    await stopped.begin();
    const accepted = await ingestRaw(bench, { text: longText, source: 'long' });
    if (accepted.__typename !== 'IngestJob') throw new Error(accepted.message);
    const documentId = accepted.document.id;
    // Some of it is written, and the worker is at the rest.
    await eventually(async () =>
      scalar(`select chunks_stored > 0 and state = 'RUNNING' as value from jobs where id = $1`, [
        accepted.id,
      ]),
    );
    stopped.pause();
    const lease = await scalar('select lease_id as value from jobs where id = $1', [accepted.id]);
    expect(lease).toEqual(expect.any(String));
    await eventually(() =>
      scalar('select lease_until < now() as value from jobs where id = $1', [accepted.id]),
    );

    if (fate === 'deleted') {
      await bench.run('mutation ($id: ID!) { deleteDocument(id: $id) { __typename } }', { id: documentId });
    }
    if (fate === 'replaced') await ingestRaw(bench, { text: 'It is short now.', source: 'long' });
    await other.begin();
    const idle = () =>
      eventually(
        () =>
          scalar(`select not exists (select from jobs where state in ('QUEUED', 'RUNNING'))
                    and not exists (select from outbox) as value`),
        { timeoutMs: 60_000 },
      );
    await idle();
    const jobs = await scalar('select jsonb_agg(to_jsonb(jobs) order by id) as value from jobs');

    stopped.continue();
    await other.kill();
    // Whoever takes the next one is the worker that was stopped: it lives, and goes on with what it was at.
    const next = await ingestRaw(bench, { text: 'The next one.', source: 'next' });
    if (next.__typename !== 'IngestJob') throw new Error(next.message);
    await idle();
    await eventually(async () => (await findViolations(bench)).length === 0);
    expect(
      await scalar('select jsonb_agg(to_jsonb(jobs) order by id) as value from jobs where id <> $1', [
        next.id,
      ]),
    ).toEqual(jobs);
    const left = await passages(bench, documentId).catch(() => []);
    if (fate === 'taken over') expect(left.length).toBeGreaterThan(100);
    if (fate === 'replaced') expect(left.map(({ text }) => text)).toEqual(['It is short now.']);
    if (fate === 'deleted') {
      expect(await scalar('select count(*) as value from chunks where document_id = $1', [documentId])).toBe(
        0,
      );
      const receipt = await scalar(
        'select purged_at is not null as value from deletion_receipts where document_id = $1',
        [documentId],
      );
      expect(receipt).toBe(true);
    }
  },
);
