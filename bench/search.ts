import { connect, MatchQuery } from '@lancedb/lancedb';
import { execute, parse } from 'graphql';
import { z } from 'zod';
import { unifiedDimension } from '../platform/ports/encoder.ts';
import { createClusteredEncoder } from './corpus/clustered-encoder.ts';
import { fillStores } from './corpus/fill-stores.ts';
import { createRandom, createVectors, createWords } from './corpus/random.ts';
import { alternate, type Contender } from './harness/alternate.ts';
import { benchmark } from './harness/benchmark.ts';
import type { Comparison, Figure } from './harness/report.ts';
import { percentile } from './harness/statistics.ts';
import { caller, startSystem } from './system/start-system.ts';

const passages = 100_000;
const queries = 25;
const rounds = 4;
const first = 10;

const selection = (fields: string) =>
  `query ($input: SearchInput!) { search(input: $input) { hits { nodes { ${fields} } } coverage { complete } } }`;
const whole = selection('rank score chunk { id text document { id title } }');
const alone = parse(selection('rank score chunk { id }'));
const answerSchema = z.object({
  search: z.object({
    hits: z.object({ nodes: z.array(z.object({ rank: z.number() })).length(first) }),
    coverage: z.object({ complete: z.literal(true) }),
  }),
});

/** Search among 100,000 passages, through the gateway and the subgraph, beside the bare engine. */
await benchmark('search', async (stack) => {
  const random = createRandom(1);
  const nextVector = createVectors(random, 500, unifiedDimension);
  const nextWord = createWords(random);
  const words = (count: number) => Array.from({ length: count }, nextWord).join(' ');
  const encoder = createClusteredEncoder(nextVector);
  const system = await startSystem(stack, { encoder });
  const startedMs = performance.now();
  await fillStores(system, { passages, passagesPerDocument: 100, nextVector, nextText: () => words(12) });
  const fillSeconds = (performance.now() - startedMs) / 1000;

  const connection = await connect(system.vectorsFolder);
  const table = await connection.openTable(`text_${encoder.description.fingerprint}`);
  stack.defer(() => {
    table.close();
    connection.close();
  });

  const metrics = {
    'latency p50': { unit: 'ms', better: 'lower' },
    'latency p95': { unit: 'ms', better: 'lower' },
  } as const;
  const contender = (
    name: string,
    search: (text: string) => Promise<unknown>,
  ): Contender<keyof typeof metrics> => ({
    name,
    async measure() {
      const times: number[] = [];
      for (let query = 0; query < queries; query++) {
        const text = words(4);
        const sentMs = performance.now();
        await search(text);
        times.push(performance.now() - sentMs);
      }
      return { 'latency p50': percentile(times, 0.5), 'latency p95': percentile(times, 0.95) };
    },
  });

  const gateway = 'Tributary, through the gateway';
  const subgraph = 'Tributary, retrieval subgraph';
  const engine = 'LanceDB by itself';
  const figures: Figure[] = [];
  const comparisons: Comparison[] = [];
  for (const mode of ['DENSE', 'HYBRID'] as const) {
    for (const filtered of [false, true]) {
      const label = `${mode === 'DENSE' ? 'dense' : 'hybrid'}${filtered ? ', 1 % filter' : ''}`;
      const inputOf = (text: string) => ({
        ...{ text, mode, first },
        ...(filtered && { filter: { year: { from: 1950, to: 1950 } } }),
      });
      const where = `tenant = '${caller.tenant}'${filtered ? ' AND year = 1950' : ''}`;
      const nearest = async (text: string) => {
        const [vector] = await encoder.encode([text], 'query');
        const rows = await table
          .query()
          .nearestTo(vector ?? [])
          .distanceType('dot')
          .where(where)
          .limit(first)
          .select(['chunk_id', '_distance'])
          .toArray();
        if (rows.length !== first) throw new Error(`The engine found ${rows.length}.`);
      };
      const byWords = (text: string) =>
        table
          .query()
          .fullTextSearch(new MatchQuery(text, 'search_text'))
          .where(where)
          .limit(first)
          .select(['chunk_id', '_score'])
          .toArray();
      const measured = await alternate(
        metrics,
        [
          contender(gateway, async (text) =>
            answerSchema.parse(await system.ask(whole, { input: inputOf(text) })),
          ),
          contender(subgraph, async (text) => {
            const { signal } = new AbortController();
            const { data, errors } = await execute({
              schema: system.retrieval.schema,
              document: alone,
              variableValues: { input: inputOf(text) },
              contextValue: system.retrieval.createContext({ identity: caller, signal }),
            });
            if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
            answerSchema.parse(data);
          }),
          contender(engine, (text) =>
            mode === 'DENSE' ? nearest(text) : Promise.all([nearest(text), byWords(text)]),
          ),
        ],
        { rounds },
      );
      figures.push(...measured.figures.map((figure) => ({ ...figure, what: `${label}, ${figure.what}` })));
      const compare = (name: string) =>
        measured.compare(name, engine, 'latency p50', `Search of 100,000, ${label}, latency p50`);
      comparisons.push(compare(gateway));
      if (!filtered) comparisons.push(compare(subgraph));
    }
  }
  return {
    title: 'Search: ten hits among 100,000 passages',
    setup: [
      `${passages.toLocaleString('en-GB')} vectors of ${unifiedDimension} dimensions in 500 clusters, texts of 12 made-up words, rows in PostgreSQL; filled and indexed in ${fillSeconds.toFixed(0)} s. ${rounds} rounds of ${queries} queries, one at a time, after one round to warm up.`,
      'The query’s vector is given: encoding is not in it. Ours searches deep enough to fuse (400 candidates, twice: the query is moved towards its best hits), asks PostgreSQL what may be seen, and reads texts; the engine gives its ten best ids.',
    ],
    figures,
    comparisons,
  };
});
