import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Encoder } from '../../../platform/ports/encoder.ts';
import { eventually } from '../../../platform/testing/eventually.ts';
import { createHashEncoder } from '../../../platform/testing/hash-encoder.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import { createIngestSubgraph } from '../subgraph.ts';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';
import { findViolations } from '../testing/invariants.ts';
import { finish, ingest, ingestRaw, passages } from '../testing/operations.ts';
import {
  end,
  migration,
  migrationFields,
  reached,
  type SeenMigration,
  started,
  stored,
  switchTo,
} from './testing/operations.ts';

const timing = { pollMs: 50, migrationGraceMs: 0 };

/** An encoder that counts the passages it encodes, and waits or fails where it is told to. */
function watched(encoder: Encoder) {
  const seen: string[] = [];
  const control: { before: (texts: readonly string[], signal?: AbortSignal) => Promise<void> } = {
    before: async () => {},
  };
  const watching: Encoder = {
    description: encoder.description,
    tokenSpans: (text) => encoder.tokenSpans(text),
    async encode(texts, purpose, signal) {
      if (purpose === 'passage') await control.before(texts, signal);
      const vectors = await encoder.encode(texts, purpose, signal);
      if (purpose === 'passage') seen.push(...texts);
      return vectors;
    },
    [Symbol.asyncDispose]: () => encoder[Symbol.asyncDispose](),
  };
  return { encoder: watching, seen, control };
}

/** Something that waits until it is released. */
function holding() {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { held: () => released, release: () => release() };
}

/** Goes on only when it is aborted. */
const never = (_texts: readonly string[], signal?: AbortSignal) =>
  new Promise<void>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

const old = createHashEncoder({ model: 'old' });
const oldId = old.description.fingerprint;
let next: ReturnType<typeof watched>;
const nextId = createHashEncoder({ model: 'next' }).description.fingerprint;
let bench: IngestBench;
beforeEach(async () => {
  next = watched(createHashEncoder({ model: 'next' }));
  bench = await createIngestBench({ encoder: old, nextEncoder: next.encoder, timing });
});
afterEach(() => bench[Symbol.asyncDispose]());

const put = (name: string, text = `The text about ${name}.`, tenant = 'acme') =>
  ingest(bench, { text, source: name }, tenant);

async function library(size: number, tenant = 'acme'): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < size; index++) {
    ids.push((await put(`document ${index}`, `Passage ${index} of ${tenant}.`, tenant)).document.id);
  }
  return ids;
}

describe('an encoder migration', () => {
  it('gives every passage of every tenant a second vector, under the same id', async () => {
    await library(5);
    await library(3, 'other');
    const before = await stored(bench, oldId);
    expect(await stored(bench, nextId)).toEqual([]);
    const { id, source, target } = await started(bench);
    expect({ source, target }).toEqual({ source: oldId, target: nextId });
    const ready = await reached(bench, id, 'READY');
    expect(ready).toMatchObject({
      listed: true,
      passagesTotal: 8,
      passagesEncoded: 8,
      passagesPresent: 0,
      failures: 0,
    });
    expect(await stored(bench, nextId)).toEqual(before);
    expect(await stored(bench, oldId)).toEqual(before);
    expect(next.seen).toHaveLength(8);
    expect(await findViolations(bench)).toEqual([]);
  });

  it('gives new and changed documents both vectors at once, and encodes nothing twice', async () => {
    const [first = ''] = await library(2);
    const { id } = await started(bench);
    await reached(bench, id, 'READY');
    const added = await put('added');
    expect(added.state).toBe('SUCCEEDED');
    const [passage] = await passages(bench, added.document.id);
    expect(await stored(bench, nextId)).toContain(passage?.id);
    const { updateDocument } = await bench.run<{ updateDocument: { id: string } }>(
      `mutation ($id: ID!) { updateDocument(input: { id: $id, text: "Entirely new words." }) { ... on IngestJob { id } } }`,
      { id: first },
    );
    await finish(bench, updateDocument.id);
    await eventually(async () => (await findViolations(bench)).length === 0);
    expect(await stored(bench, nextId)).toEqual(await stored(bench, oldId));
    expect(new Set(next.seen).size).toBe(next.seen.length);
    expect(await reached(bench, id, 'READY')).toMatchObject({ passagesTotal: 2, passagesEncoded: 2 });
  });

  it('does not encode again what has a vector already', async () => {
    await library(3);
    const first = await started(bench);
    await reached(bench, first.id, 'READY');
    await switchTo(bench, nextId);
    await end(bench, 'finish', first.id);
    await reached(bench, first.id, 'FINISHED');
    expect(await stored(bench, oldId)).toEqual([]);
    // And back: everything must be made, nothing more.
    const back = await started(bench, { fingerprint: oldId });
    expect(await reached(bench, back.id, 'READY')).toMatchObject({ passagesTotal: 3, passagesEncoded: 3 });
    await end(bench, 'cancel', back.id);
    await reached(bench, back.id, 'CANCELLED');
    const count = next.seen.length;
    expect(await findViolations(bench)).toEqual([]);
    expect(next.seen).toHaveLength(count);
  });

  it('tells its progress, numbered without a gap, again from any number', async () => {
    await library(40);
    const { id } = await started(bench);
    await reached(bench, id, 'READY');
    await end(bench, 'cancel', id);
    await reached(bench, id, 'CANCELLED');
    type Event = { sequence: number; migration: SeenMigration };
    const follow = async (after: number | null) => {
      const events: Event[] = [];
      const stream = await bench.follow(
        `subscription ($id: ID!, $after: Int) { encoderMigrationProgress(id: $id, after: $after) {
           sequence migration { ${migrationFields} } } }`,
        { id, after },
        'acme',
        ['admin'],
      );
      for await (const { data } of stream) {
        events.push((data as unknown as { encoderMigrationProgress: Event }).encoderMigrationProgress);
      }
      return events;
    };
    const all = await follow(0);
    expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, index) => index + 1));
    expect(all.map((event) => event.migration.state)).toEqual(
      expect.arrayContaining(['RUNNING', 'READY', 'CANCELLING', 'CANCELLED']),
    );
    expect(await follow(2)).toEqual(all.slice(2));
    expect(await follow(null)).toEqual(all.slice(-1));
    expect(await follow(all.length)).toEqual([]);
  });

  it('follows deletions and changes that come while it runs', async () => {
    const ids = await library(6);
    const { held, release } = holding();
    let begun = false;
    next.control.before = async (texts) => {
      if (texts.some((text) => text.includes('Passage'))) {
        begun = true;
        await held();
      }
    };
    const { id } = await started(bench);
    await eventually(() => begun);
    await bench.run('mutation ($id: ID!) { deleteDocument(id: $id) { __typename } }', { id: ids[0] });
    const { updateDocument } = await bench.run<{ updateDocument: { id: string } }>(
      `mutation ($id: ID!) { updateDocument(input: { id: $id, attributes: { year: 1999 } }) { ... on IngestJob { id } } }`,
      { id: ids[1] },
    );
    release();
    await finish(bench, updateDocument.id);
    await reached(bench, id, 'READY');
    await eventually(async () => (await findViolations(bench)).length === 0);
    expect(await stored(bench, nextId)).toEqual(await stored(bench, oldId));
    const found = await bench.vectors.searchSparse({
      collection: { family: 'text', fingerprint: nextId },
      ...{ tenant: 'acme', text: 'passage', limit: 10 },
      filter: { kind: 'yearRange', from: 1999, to: 1999 },
    });
    expect(found.map((each) => each.documentId)).toEqual([ids[1]]);
  });

  it('tries a failed batch again, and reports it', async () => {
    await library(3);
    let failures = 2;
    next.control.before = async () => {
      if (failures-- > 0) throw new Error('out of memory');
    };
    const { id } = await started(bench);
    const ready = await reached(bench, id, 'READY');
    expect(ready).toMatchObject({ passagesTotal: 3, passagesEncoded: 3, error: { code: 'DEFECT' } });
    expect(ready.failures).toBeGreaterThanOrEqual(1);
  });

  it('is gone on with by another process after its own has died', async () => {
    await library(40);
    next.control.before = never;
    const { id } = await started(bench);
    await eventually(async () => (await reached(bench, id, 'RUNNING')).listed);
    // What the first process holds it has not given back: its leases are made to have run out.
    const other = watched(createHashEncoder({ model: 'next' }));
    await using _second = await createIngestSubgraph({ ...bench, nextEncoder: other.encoder });
    await bench.database.forWorker((client) =>
      client.query(
        `update encoder_work set lease_until = now() - interval '1 second' where lease_id is not null`,
      ),
    );
    expect(await reached(bench, id, 'READY')).toMatchObject({ passagesTotal: 40, passagesEncoded: 40 });
    expect(new Set(other.seen).size).toBe(40);
  });

  it('lets what users put in pass', async () => {
    /** How many jobs waited for a worker when the migration encoded. */
    const waiting: (number | null)[] = [];
    const { held, release } = holding();
    const busy = watched(createHashEncoder({ model: 'old' }));
    busy.control.before = async ([text = '']) => {
      if (text.includes('first')) await held();
    };
    await using narrow = await createIngestBench({
      encoder: busy.encoder,
      nextEncoder: next.encoder,
      workers: 1,
      timing,
    });
    await ingest(narrow, { text: 'Passage of the library.' });
    next.control.before = async (texts) => {
      if (!texts.some((text) => text.includes('Passage'))) return;
      const { rowCount } = await narrow.database.forWorker((client) =>
        client.query(`select from jobs where state = 'QUEUED'`),
      );
      waiting.push(rowCount);
    };
    const jobs = [
      await ingestRaw(narrow, { text: 'The first one.' }),
      await ingestRaw(narrow, { text: 'The second one.' }),
    ];
    const { id } = await started(narrow);
    await eventually(async () => (await migration(narrow, id)).listed);
    release();
    for (const job of jobs) await finish(narrow, 'id' in job ? job.id : '');
    await reached(narrow, id, 'READY');
    expect(waiting).toEqual([0]);
  });
});

describe('switching', () => {
  it('is refused while passages lack a vector, unless it is forced, and goes back the same way', async () => {
    await library(3);
    const { held, release } = holding();
    next.control.before = held;
    const { id } = await started(bench);
    const refused = await switchTo(bench, nextId);
    expect(refused).toMatchObject({ __typename: 'Rejected', code: 'VECTORS_MISSING' });
    expect('message' in refused && refused.message).toContain('3 of 3');
    expect(await switchTo(bench, nextId, true)).toMatchObject({
      serving: { fingerprint: nextId, missing: 3 },
      previous: oldId,
    });
    expect(await switchTo(bench, oldId)).toMatchObject({ serving: { fingerprint: oldId }, previous: nextId });
    expect(await end(bench, 'cancel', id)).toMatchObject({ state: 'CANCELLING' });
    release();
    await reached(bench, id, 'CANCELLED');
    expect(await stored(bench, nextId)).toEqual([]);
    expect(await findViolations(bench)).toEqual([]);
  });

  it('keeps both collections up to date, so that going back stays possible', async () => {
    await library(2);
    const { id } = await started(bench);
    await reached(bench, id, 'READY');
    await switchTo(bench, nextId);
    const job = await put('after the switch');
    const [passage] = await passages(bench, job.document.id);
    expect(await stored(bench, oldId)).toContain(passage?.id);
    expect(await stored(bench, nextId)).toContain(passage?.id);
    expect(await switchTo(bench, oldId)).toMatchObject({ serving: { fingerprint: oldId } });
  });

  it('gives the same content the same id under either encoder', async () => {
    const { document } = await put('lasting', 'What is cited for ever.');
    const [before] = await passages(bench, document.id);
    const { id } = await started(bench);
    await reached(bench, id, 'READY');
    await switchTo(bench, nextId);
    await end(bench, 'finish', id);
    await reached(bench, id, 'FINISHED');
    await put('lasting', 'Something else.');
    await put('lasting', 'What is cited for ever.');
    const [after] = await passages(bench, document.id);
    expect(after?.id).toBe(before?.id);
    await eventually(async () => (await findViolations(bench)).length === 0);
  });
});

describe('finishing and cancelling', () => {
  it('removes the old encoder’s vectors, and only when the new one serves', async () => {
    await library(3);
    const { id } = await started(bench);
    await reached(bench, id, 'READY');
    expect(await end(bench, 'finish', id)).toMatchObject({ code: 'ENCODER_SERVES' });
    await switchTo(bench, nextId);
    expect(await end(bench, 'cancel', id)).toMatchObject({ code: 'ENCODER_SERVES' });
    expect(await end(bench, 'finish', id)).toMatchObject({ state: 'FINISHING' });
    expect(await reached(bench, id, 'FINISHED')).toMatchObject({ vectorsRemoved: 3 });
    expect(await stored(bench, oldId)).toEqual([]);
    expect(await stored(bench, nextId)).toHaveLength(3);
    expect(await switchTo(bench, oldId)).toMatchObject({ code: 'UNKNOWN_ENCODER' });
    expect(await findViolations(bench)).toEqual([]);
    const job = await put('afterwards');
    expect(job.state).toBe('SUCCEEDED');
    expect(await stored(bench, oldId)).toEqual([]);
    expect(await stored(bench, nextId)).toHaveLength(4);
    // Asked again, it is what it is.
    expect(await end(bench, 'finish', id)).toMatchObject({ state: 'FINISHED' });
    expect(await end(bench, 'cancel', id)).toMatchObject({ code: 'MIGRATION_ENDED' });
  });

  it('keeps the vectors for as long as searches that began before may be at them', async () => {
    await using slow = await createIngestBench({
      encoder: old,
      nextEncoder: next.encoder,
      timing: { pollMs: 50, migrationGraceMs: 3_600_000 },
    });
    await ingest(slow, { text: 'One passage.' });
    const { id } = await started(slow);
    await reached(slow, id, 'READY');
    await switchTo(slow, nextId);
    expect(await end(slow, 'finish', id)).toMatchObject({ state: 'FINISHING' });
    await ingest(slow, { text: 'Another passage.' });
    await reconcile({ ...slow, blobGraceMs: 0 }, new AbortController().signal);
    expect(await stored(slow, oldId)).toHaveLength(1);
    expect(await reached(slow, id, 'FINISHING')).toMatchObject({ vectorsRemoved: 0 });
  });
});
