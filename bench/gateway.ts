import { z } from 'zod';
import { hopQuery } from './catalogue/catalogue.ts';
import { composeCatalogue } from './catalogue/compose-catalogue.ts';
import { alternate, type Contender } from './harness/alternate.ts';
import { benchmark } from './harness/benchmark.ts';
import { type Child, startChild } from './harness/child.ts';
import { loadResultSchema } from './harness/load-request.ts';

const connections = 32;
const seconds = 3;
const rounds = 5;

/** Those that a caller of the whole gateway is known by; many more than are under way at once. */
const keys = Array.from({ length: 1000 }, (_, index) => `key-of-the-benchmark-${index}`);

const urlSchema = z.url();
const program = (name: string) => new URL(name, import.meta.url);

/** A query with one entity hop, through our gateway, a plain Hive Gateway, and one Apollo Server without federation. */
await benchmark('gateway', async (stack) => {
  const start = async (name: string, input: unknown) => stack.use(await startChild(program(name), input));
  const products = await start('catalogue/serve-schema.ts', 'products');
  const reviews = await start('catalogue/serve-schema.ts', 'reviews');
  const supergraph = composeCatalogue({
    products: urlSchema.parse(products.ready),
    reviews: urlSchema.parse(reviews.ready),
  });
  const upstreamRequests = async () =>
    Number(await products.ask('served')) + Number(await reviews.ask('served'));
  const load = await start('harness/http-load.ts', 'start');

  const contender = (
    name: string,
    server: Child,
    keys?: readonly string[],
  ): Contender<keyof typeof metrics> => ({
    name,
    async measure() {
      const upstreamBefore = await upstreamRequests();
      const cpuBeforeMs = await server.cpuMs();
      const result = loadResultSchema.parse(
        await load.ask({ url: urlSchema.parse(server.ready), query: hopQuery, connections, seconds, keys }),
      );
      const cpuMs = (await server.cpuMs()) - cpuBeforeMs;
      return {
        'request rate': result.perSecond,
        'latency p50': result.p50Ms,
        'latency p95': result.p95Ms,
        'latency p99': result.p99Ms,
        'processor time of a request': cpuMs / result.requests,
        'subgraph requests of a request': ((await upstreamRequests()) - upstreamBefore) / result.requests,
      };
    },
  });
  const metrics = {
    'request rate': { unit: 'requests/s', better: 'higher' },
    'latency p50': { unit: 'ms', better: 'lower' },
    'latency p95': { unit: 'ms', better: 'lower' },
    'latency p99': { unit: 'ms', better: 'lower' },
    'processor time of a request': { unit: 'ms', better: 'lower' },
    'subgraph requests of a request': { unit: 'requests', better: 'lower' },
  } as const;

  const ours = 'Tributary gateway';
  const whole = 'Tributary, subgraphs in process';
  const hive = 'Hive Gateway with Rust planner';
  const apollo = 'Apollo Server without federation';
  const measured = await alternate(
    metrics,
    [
      contender(ours, await start('catalogue/serve-tributary.ts', { supergraph })),
      contender(whole, await start('catalogue/serve-in-process.ts', keys), keys),
      contender(hive, await start('catalogue/serve-hive.ts', { supergraph, planner: 'rust' })),
      contender(apollo, await start('catalogue/serve-schema.ts', 'whole')),
    ],
    { rounds },
  );
  const compared = ['request rate', 'latency p50', 'latency p95', 'latency p99'] as const;
  return {
    title: 'Gateway: a query with one entity hop',
    setup: [
      `Ten entities of one subgraph with fields of another; ${connections} connections, ${rounds} rounds of ${seconds} s each after one to warm up.`,
      'Every request has an Authorization of its own. Each server, each of the two subgraphs and the load generator is a process of its own, all on the same cores.',
    ],
    figures: measured.figures,
    comparisons: [
      ...compared.map((what) => measured.compare(ours, hive, what, `Query with an entity hop, ${what}`)),
      measured.compare(ours, apollo, 'request rate', 'Query with an entity hop, request rate'),
      measured.compare(ours, apollo, 'latency p95', 'Query with an entity hop, latency p95'),
      measured.compare(whole, apollo, 'request rate', 'Query with an entity hop, request rate'),
    ],
  };
});
