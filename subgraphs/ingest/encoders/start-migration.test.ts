import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../platform/testing/eventually.ts';
import { createHashEncoder } from '../../../platform/testing/hash-encoder.ts';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';
import { ingest } from '../testing/operations.ts';
import { encoders, start, started } from './testing/operations.ts';

const old = createHashEncoder({ model: 'old' });
const next = createHashEncoder({ model: 'next' });
const [oldId, nextId] = [old.description.fingerprint, next.description.fingerprint];
let bench: IngestBench;
beforeEach(async () => {
  bench = await createIngestBench({ encoder: old, nextEncoder: next, timing: { pollMs: 50 } });
});
afterEach(() => bench[Symbol.asyncDispose]());

async function library(size: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < size; index++) {
    const { document } = await ingest(bench, {
      text: `Passage ${index} of acme.`,
      source: `document ${index}`,
    });
    ids.push(document.id);
  }
  return ids;
}

describe('who may', () => {
  it('needs the scope admin for all of it', async () => {
    const outcome = await start(bench, {}, { scopes: ['documents:write'] });
    expect(outcome).toMatchObject({ __typename: 'Denied' });
    await expect(bench.run('{ encoders { fingerprint } }')).rejects.toMatchObject({ code: 'DENIED' });
    await expect(bench.run('{ encoderMigrations { id } }')).rejects.toMatchObject({ code: 'DENIED' });
  });

  it('shows the comparison of saved queries to the tenant whose they are, and to no other', async () => {
    const [relevant = ''] = await library(3);
    const { id } = await started(bench, {
      savedQueries: [{ text: 'passage 0', relevantDocumentIds: [relevant] }, { text: 'acme' }],
    });
    const ask = async (tenant: string) => {
      const { encoderMigration } = await bench.run<{
        encoderMigration: { comparison: unknown[]; quality: Record<string, unknown> | null };
      }>(
        `query ($id: ID!) { encoderMigration(id: $id) {
           comparison { text overlapAt10 meanRankChange source { ndcgAt10 recallAt100 } target { ndcgAt10 recallAt100 } }
           quality { queries judgedQueries overlapAt10 source { ndcgAt10 } target { ndcgAt10 } } } }`,
        { id },
        { tenant, scopes: ['admin'] },
      );
      return encoderMigration;
    };
    await eventually(async () => (await ask('acme')).comparison.length === 2, { timeoutMs: 30_000 });
    const { comparison, quality } = await ask('acme');
    expect(comparison[0]).toMatchObject({ text: 'passage 0', overlapAt10: 1, target: { recallAt100: 1 } });
    expect(comparison[1]).toMatchObject({ text: 'acme', source: null, target: null });
    expect(quality).toMatchObject({ queries: 2, judgedQueries: 1, overlapAt10: 1 });
    expect(await ask('other')).toEqual({ comparison: [], quality: null });
  });
});

describe('starting', () => {
  it('is one at a time, and the same again under the same key', async () => {
    const first = await started(bench, { idempotencyKey: 'k' });
    expect(await started(bench, { idempotencyKey: 'k' })).toMatchObject({ id: first.id });
    expect(await start(bench)).toMatchObject({ code: 'MIGRATION_UNDER_WAY' });
  });

  it.each([
    [{ fingerprint: 'none' }, 'UNKNOWN_ENCODER'],
    [{ model: 'none' }, 'UNKNOWN_ENCODER'],
    [{ fingerprint: oldId }, 'UNKNOWN_ENCODER'],
    [{ fingerprint: nextId, model: 'next' }, 'AMBIGUOUS_ENCODER'],
    [{ idempotencyKey: '' }, 'INVALID_IDEMPOTENCY_KEY'],
    [{ savedQueries: [{ text: ' ' }] }, 'INVALID_QUERY'],
  ])('refuses %j', async (input, code) => {
    expect(await start(bench, input)).toMatchObject({ __typename: 'Rejected', code });
  });

  it('names what is loaded and what serves', async () => {
    await library(1);
    expect(await encoders(bench)).toEqual([
      { fingerprint: oldId, model: 'old', serving: true, loaded: true, kept: false, vectors: 1, missing: 0 },
      {
        fingerprint: nextId,
        model: 'next',
        serving: false,
        loaded: true,
        kept: false,
        vectors: 0,
        missing: 1,
      },
    ]);
  });
});
