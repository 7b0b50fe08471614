import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rejected } from '../../../platform/errors.ts';
import { storageFull } from '../../../platform/storage-full.ts';
import { eventually } from '../../../platform/testing/eventually.ts';
import { PdfReader } from '../extract/pdf-reader.ts';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';
import { findViolations } from '../testing/invariants.ts';
import { finish, ingestRaw, passages, type SeenJob, search } from '../testing/operations.ts';
import { changeJob, LeaseLostError, takeJobs } from './jobs.ts';
import { startOutbox } from './run-outbox.ts';
import { startWorker, type WorkerDependencies } from './worker.ts';

let bench: IngestBench;
let pdf: PdfReader;
beforeAll(async () => {
  bench = await createIngestBench({ workers: 0 });
  pdf = new PdfReader();
});
afterAll(async () => {
  await pdf[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

const timing = { concurrency: 2, leaseMs: 300, pollMs: 50 };
const work = (changes: Partial<WorkerDependencies> = {}) =>
  startWorker({ ...bench, pdf, ...changes }, timing);

async function accept(text: string): Promise<SeenJob> {
  const accepted = await ingestRaw(bench, { text });
  if (accepted.__typename !== 'IngestJob') throw new Error(accepted.message);
  return accepted;
}

/** Never resolves: where a worker that has died stands still. */
const never = () => new Promise<never>(() => {});

describe('a job whose worker is gone', () => {
  it.each(['encode', 'upsert', 'afterUpsert'] as const)('is done by another, from %s on', async (moment) => {
    const job = await accept(`A document that is abandoned at ${moment}.`);
    let reached = () => {};
    const standing = new Promise<void>((resolve) => {
      reached = resolve;
    });
    let dead = false;
    const stop = async () => {
      dead = true;
      reached();
      return never();
    };
    const { encoder, vectors, database } = bench;
    // The first worker stands still for good and takes nothing any more, as one that was killed.
    await startWorker(
      {
        ...bench,
        pdf,
        encoder: {
          ...encoder,
          tokenSpans: (text) => encoder.tokenSpans(text),
          encode: moment === 'encode' ? stop : (...all) => encoder.encode(...all),
        },
        vectors: Object.assign(Object.create(vectors) as typeof vectors, {
          upsert: async (...all: Parameters<typeof vectors.upsert>) => {
            if (moment === 'afterUpsert') await vectors.upsert(...all);
            return stop();
          },
        }),
        database: Object.assign(Object.create(database) as typeof database, {
          forWorker: (...all: Parameters<typeof database.forWorker>) =>
            dead ? never() : database.forWorker(...all),
        }),
      },
      { ...timing, leaseMs: 60_000 },
    );
    await standing;
    await bench.database.forWorker((client) =>
      client.query(`update jobs set lease_until = now() - interval '1 second' where id = $1`, [job.id]),
    );
    await using _second = await work();
    const done = await finish(bench, job.id);
    expect(done).toMatchObject({ state: 'SUCCEEDED', attempts: 2, chunksStored: 1 });
    expect(await search(bench, `abandoned ${moment}`)).not.toEqual([]);
    expect(await findViolations(bench)).toEqual([]);
  });
});

describe('a worker whose lease was taken over', () => {
  it('can write nothing', async () => {
    const job = await accept('Fenced off.');
    const take = (leaseId: string) =>
      bench.database.forWorker((client) => takeJobs(client, { limit: 10, leaseId, leaseMs: 0 }));
    const [first] = await take('first');
    expect(first?.id).toBe(job.id);
    const [second] = await take('second');
    expect(second).toMatchObject({ id: job.id, attempts: 2 });
    const write = (taken: NonNullable<typeof first>) =>
      bench.database.forWorker((client) => changeJob(client, taken, { stage: 'EXTRACT' }));
    await expect(write(first!)).rejects.toThrow(LeaseLostError);
    expect(await write(second!)).toMatchObject({ stage: 'EXTRACT' });
    await using _worker = await work();
    await finish(bench, job.id);
  });
});

describe('a disk that is full for a while', () => {
  it.each(['vectors', 'blobs', 'rows'] as const)(
    'has a job tried again when %s find no room',
    async (where) => {
      const job = await accept(`The disk has no room for ${where} at first.`);
      let failures = 0;
      /** The object, with one method that finds no room the first time. */
      const withFullDisk = <T extends object>(real: T, method: keyof T): T =>
        new Proxy(real, {
          get(target, name) {
            const value: unknown = Reflect.get(target, name, target);
            if (typeof value !== 'function') return value;
            return async (...all: unknown[]) => {
              if (name === method && failures++ === 0)
                throw storageFull(new Error('no space left on device'));
              return value.apply(target, all);
            };
          },
        });
      const { vectors, blobs, database } = bench;
      let began = false;
      const store = {
        vectors: { vectors: withFullDisk(vectors, 'upsert') },
        blobs: { blobs: withFullDisk(blobs, 'get') },
        rows: {
          database: new Proxy(database, {
            get(target, name) {
              const value: unknown = Reflect.get(target, name, target);
              if (typeof value !== 'function') return value;
              return (...all: unknown[]) => {
                // Not while the job is taken: in the middle of its work.
                if (name === 'forWorker' && began && failures++ === 0) {
                  return Promise.reject(storageFull(new Error('could not extend file')));
                }
                return value.apply(target, all);
              };
            },
          }),
          encoder: {
            ...bench.encoder,
            tokenSpans: (text: string) => bench.encoder.tokenSpans(text),
            encode: (...all: Parameters<typeof bench.encoder.encode>) => {
              began = true;
              return bench.encoder.encode(...all);
            },
          },
        },
      }[where];
      await using _worker = await work(store);
      expect(await finish(bench, job.id)).toMatchObject({ state: 'SUCCEEDED', attempts: 2, chunksStored: 1 });
      expect(failures).toBeGreaterThan(1);
      expect(await search(bench, where)).toHaveLength(1);
      expect(await findViolations(bench)).toEqual([]);
    },
  );
});

describe('a new version that fails when some of it is stored', () => {
  it('leaves the old one found as it was, with the passages that both have', async () => {
    const same = `${'shared '.repeat(199)}.\n\n`;
    const source = 'torn';
    const page = (title: string, more: string) => ({
      ...{ source, mediaType: 'text/html' },
      text: `<title>${title}</title><p>${same}</p><p>${more}</p>`,
    });
    const old = await ingestRaw(bench, page('Gnu', 'old words'));
    {
      await using _worker = await work();
      await finish(bench, old.__typename === 'IngestJob' ? old.id : '');
    }
    const collection = { family: 'text', fingerprint: bench.encoder.description.fingerprint } as const;
    const vectorsOf = async (chunks: readonly { id: string }[]) =>
      bench.vectors.vectors(
        collection,
        'acme',
        chunks.map(({ id }) => id),
      );
    const before = await vectorsOf(
      await passages(bench, old.__typename === 'IngestJob' ? old.document.id : ''),
    );
    expect(before.size).toBeGreaterThan(0);
    // Two batches of passages; the second is refused.
    const torn = await ingestRaw(bench, page('Emu', 'new words '.repeat(40_000)));
    let batches = 0;
    const { encoder } = bench;
    const refusing = {
      ...encoder,
      tokenSpans: (text: string) => encoder.tokenSpans(text),
      encode: async (...all: Parameters<typeof encoder.encode>) => {
        if (++batches === 2) throw rejected('TOO_TORN', 'Not this one.');
        return encoder.encode(...all);
      },
    };
    await using _worker = await work({ encoder: refusing });
    const failed = await finish(bench, torn.__typename === 'IngestJob' ? torn.id : '');
    expect(failed).toMatchObject({ state: 'FAILED', document: { state: 'PARTIAL', version: 2 } });
    await using _outbox = await startOutbox(bench, { leaseMs: 1000, pollMs: 50 });
    await eventually(async () => expect(await findViolations(bench)).toEqual([]));
    // What both have was written anew under the new title, and is found by the old one again.
    await eventually(async () => expect(await search(bench, 'Emu')).toEqual([]));
    const kept = await passages(bench, failed.document.id);
    expect(kept[0]?.text).toContain('shared');
    const found = (await search(bench, 'Gnu')).map(({ chunkId }) => chunkId);
    expect(found.sort()).toEqual(kept.map(({ id }) => id).sort());
    expect(await vectorsOf(kept)).toEqual(before);
  });
});

describe('ingestProgress', () => {
  it('tells the present state at once, then every event without a gap, and ends', async () => {
    const job = await accept('Followed by several.');
    const follow = () =>
      bench.follow(
        `subscription ($id: ID!) { ingestProgress(jobId: $id) { sequence at job { state stage chunksStored } } }`,
        { id: job.id },
      );
    const streams = await Promise.all(Array.from({ length: 20 }, follow));
    const readers = streams.map(async (stream) => {
      const events: { sequence: number; job: { state: string; stage: string } }[] = [];
      for await (const { data } of stream)
        events.push((data as never as { ingestProgress: never }).ingestProgress);
      return events;
    });
    await using _worker = await work();
    for (const events of await Promise.all(readers)) {
      expect(events[0]!.job).toMatchObject({ state: expect.stringMatching(/QUEUED|RUNNING/) });
      for (const [index, event] of events.entries()) expect(event.sequence).toBe(events[0]!.sequence + index);
      const stages = events.map((event) => event.job.stage);
      const order = ['QUEUED', 'INSPECT', 'EXTRACT', 'CHUNK', 'ENCODE', 'STORE', 'DONE'];
      expect([...stages].sort((a, b) => order.indexOf(a) - order.indexOf(b))).toEqual(stages);
      expect(events[events.length - 1]!.job).toMatchObject({
        state: 'SUCCEEDED',
        stage: 'DONE',
        chunksStored: 1,
      });
    }
    const [after] = await Promise.all([follow()]);
    const again = await after.next();
    expect(again.value?.data).toMatchObject({ ingestProgress: { job: { state: 'SUCCEEDED' } } });
    expect((await after.next()).done).toBe(true);
  });

  it('knows nothing of other tenants', async () => {
    const job = await accept('Private progress.');
    const stream = await bench.follow(
      'subscription ($id: ID!) { ingestProgress(jobId: $id) { sequence } }',
      { id: job.id },
      'other',
    );
    await expect(stream.next()).rejects.toMatchObject({ message: expect.stringContaining('no job') });
    await using _worker = await work();
    await finish(bench, job.id);
  });
});
