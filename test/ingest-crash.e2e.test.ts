import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eventually } from '../platform/testing/eventually.ts';
import { temporaryDirectory } from '../platform/testing/temporary-directory.ts';
import { startOn } from './system.ts';

const kills = 4;
const operations = 120;
const sources = 40;

/** A seeded generator (mulberry32): the same seed, the same operations. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What is done to one source, in this order: a text is put in under it, or (null) its document is deleted. */
type Plan = Map<string, (string | null)[]>;

function makePlan(random: () => number): Plan {
  const plan: Plan = new Map();
  for (let number = 0; number < operations; number++) {
    const source = `source ${Math.floor(random() * sources)}`;
    const steps = plan.get(source) ?? [];
    const deletes = steps.length > 0 && steps.at(-1) !== null && random() < 0.25;
    steps.push(
      deletes ? null : `Record ${number} of the harbour office. The mark of ${source} is zq${number}k.`,
    );
    plan.set(source, steps);
  }
  return plan;
}

const ingest = /* GraphQL */ `
  mutation ($text: String!, $source: String!) {
    ingestDocument(input: { text: $text, source: $source }) {
      ... on IngestJob { id document { id } }
      ... on Problem { message }
    }
  }
`;
const remove = /* GraphQL */ `
  mutation ($id: ID!) { deleteDocument(id: $id) { __typename } }
`;
const everything = /* GraphQL */ `
  {
    documents(first: 200) { totalCount nodes { id source state } }
    search(input: { text: "record of the harbour office", first: 100 }) {
      hits { nodes { chunk { text document { source } } } pageInfo { hasNextPage } }
      coverage { complete }
    }
  }
`;
interface Everything {
  readonly documents: { totalCount: number; nodes: { source: string; state: string }[] };
  readonly search: {
    hits: {
      nodes: { chunk: { text: string; document: { source: string } } }[];
      pageInfo: { hasNextPage: boolean };
    };
    coverage: { complete: boolean };
  };
}

it(`keeps what it acknowledged through ${kills} kills, and nothing else`, { timeout: 240_000 }, async () => {
  const random = seeded(20_261_123);
  const plan = makePlan(random);
  const left = new Map([...plan].map(([source, steps]) => [source, [...steps]]));
  const documentIds = new Map<string, string>();
  const jobs: string[] = [];
  await using data = await temporaryDirectory();
  let system = await startOn(data.path, 'dist/main.js');
  let dead = false;

  /** Does one source's next step; it counts when it was acknowledged, and is done again when it was not. */
  async function step(source: string, steps: (string | null)[]): Promise<void> {
    const [text] = steps;
    if (text === null) {
      const { deleteDocument } = await system.query<{ deleteDocument: { __typename: string } }>(remove, {
        id: documentIds.get(source),
      });
      expect(deleteDocument.__typename).toBe('DeletionReceipt');
    } else {
      const { ingestDocument: job } = await system.query<{
        ingestDocument: { id: string; document: { id: string } };
      }>(ingest, { text, source });
      jobs.push(job.id);
      documentIds.set(source, job.document.id);
    }
    steps.shift();
  }

  /** Works on the sources side by side until all is done, or the process is gone. */
  async function work(): Promise<void> {
    const waiting = [...left].filter(([, steps]) => steps.length > 0);
    const worker = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        while (next[1].length > 0) {
          try {
            await step(...next);
          } catch (error) {
            if (dead) return;
            throw error;
          }
        }
      }
    };
    await Promise.all(Array.from({ length: 4 }, worker));
  }

  try {
    for (let round = 0; round < kills; round++) {
      dead = false;
      const working = work();
      // The moment of the kill is what is tried here, not something that is waited for.
      await delay(50 + random() * 700);
      dead = true;
      const exited = once(system.process, 'exit');
      system.process.kill('SIGKILL');
      await Promise.all([exited, working]);
      system = await startOn(data.path, 'dist/main.js');
    }
    dead = false;
    await work();
    await eventually(
      async () => {
        for (const id of jobs) {
          const { ingestJob } = await system.query<{ ingestJob: { state: string } }>(
            'query ($id: ID!) { ingestJob(id: $id) { state } }',
            { id },
          );
          expect(ingestJob.state).toMatch(/SUCCEEDED|CANCELLED/);
        }
        return true;
      },
      { timeoutMs: 60_000 },
    );

    const expected = [...plan].flatMap(([source, steps]) => {
      const text = steps.at(-1);
      return typeof text === 'string' ? [{ text, document: { source } }] : [];
    });
    const { documents, search } = await system.query<Everything>(everything);
    expect(search.coverage.complete).toBe(true);
    expect(search.hits.pageInfo.hasNextPage).toBe(false);
    const bySource = (one: { document: { source: string } }, other: { document: { source: string } }) =>
      one.document.source < other.document.source ? -1 : 1;
    expect(search.hits.nodes.map(({ chunk }) => chunk).sort(bySource)).toEqual(expected.sort(bySource));
    expect(documents.totalCount).toBe(expected.length);
    expect(new Set(documents.nodes.map(({ state }) => state))).toEqual(new Set(['SEARCHABLE']));
  } finally {
    await system[Symbol.asyncDispose]();
  }
});
