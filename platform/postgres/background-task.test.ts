import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { startBackgroundTask } from './background-task.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const hour = 3_600_000;
const start = (name: string, work: (signal: AbortSignal) => Promise<unknown>, leaseMs = 10_000) =>
  startBackgroundTask({ database, logger: silentLogger, name, everyMs: hour, leaseMs, lookMs: 10, work });

const rowOf = async (name: string) => {
  const { rows } = await database.forWorker((client) =>
    client.query<{ asked_at: Date; begun_at: Date; done_at: Date | null; lease_id: string | null }>(
      'select * from background_tasks where name = $1',
      [name],
    ),
  );
  return rows[0];
};

describe('a background task', () => {
  it('is done by one at a time, and once for all that start together', async () => {
    let running = 0;
    let most = 0;
    let times = 0;
    let goOn = () => {};
    const told = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const work = async () => {
      times++;
      most = Math.max(most, ++running);
      await told;
      running--;
    };
    const tasks = await Promise.all([1, 2, 3, 4].map(() => start('together', work)));
    await eventually(() => times > 0);
    // All have asked by now; those that asked after it was begun are owed one more time, together.
    await eventually(async () => (await rowOf('together'))?.lease_id != null);
    goOn();
    await eventually(async () => {
      const row = await rowOf('together');
      return row?.lease_id === null && row.done_at !== null && row.begun_at >= row.asked_at;
    });
    for (const task of tasks) await task[Symbol.asyncDispose]();
    expect(most).toBe(1);
    expect(times).toBeLessThanOrEqual(2);
  });

  it('is done again where it failed, and where its process has stopped halfway', async () => {
    let times = 0;
    const first = await start('again', async (signal) => {
      if (++times === 1) throw new Error('It did not work.');
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    await eventually(() => times === 2);
    await first[Symbol.asyncDispose]();
    let done = false;
    await using _second = await start('again', async () => {
      done = true;
    });
    await eventually(() => done);
  });

  it('is given up where another process has taken it over', async () => {
    let aborted = false;
    let begun = false;
    await using _task = await start(
      'lost',
      async (signal) => {
        begun = true;
        await new Promise((_, reject) =>
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(signal.reason);
          }),
        );
      },
      200,
    );
    await eventually(() => begun);
    await database.forWorker((client) =>
      client.query(
        `update background_tasks set lease_id = 'another', lease_until = now() + interval '1 hour' where name = 'lost'`,
      ),
    );
    await eventually(() => aborted);
    expect(await rowOf('lost')).toMatchObject({ lease_id: 'another', done_at: null });
  });
});
