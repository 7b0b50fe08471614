import { z } from 'zod';
import { hopSubscription } from './catalogue/catalogue.ts';
import { composeCatalogue } from './catalogue/compose-catalogue.ts';
import { alternate, type Contender } from './harness/alternate.ts';
import { benchmark } from './harness/benchmark.ts';
import { type Child, startChild } from './harness/child.ts';
import { subscriptionResultSchema } from './harness/subscription-request.ts';

const subscriptions = 100;
const events = 100;
const rounds = 3;
/** One for each socket. */
const keys = Array.from({ length: 10 }, (_, index) => `key-of-the-benchmark-${index}`);

const urlSchema = z.url();
const program = (name: string) => new URL(name, import.meta.url);

/** Events with an entity of another subgraph, through our gateway beside a subgraph that is subscribed to directly. */
await benchmark('subscriptions', async (stack) => {
  const start = async (name: string, input: unknown) => stack.use(await startChild(program(name), input));
  const products = await start('catalogue/serve-schema.ts', 'products');
  const reviews = await start('catalogue/serve-schema.ts', 'reviews');
  const supergraph = composeCatalogue({
    products: urlSchema.parse(products.ready),
    reviews: urlSchema.parse(reviews.ready),
  });
  const entityRequests = async () => Number(await reviews.ask('served'));
  const load = await start('harness/subscription-load.ts', 'start');

  const metrics = {
    'event rate': { unit: 'events/s', better: 'higher' },
    'processor time of an event': { unit: 'ms', better: 'lower' },
    'requests for entities of an event': { unit: 'requests', better: 'lower' },
  } as const;
  const contender = (name: string, server: Child): Contender<keyof typeof metrics> => ({
    name,
    async measure() {
      const url = urlSchema.parse(server.ready).replace('http', 'ws');
      const requestsBefore = await entityRequests();
      const cpuBeforeMs = await server.cpuMs();
      const result = subscriptionResultSchema.parse(
        await load.ask({ url, query: hopSubscription, keys, subscriptions, events }),
      );
      return {
        'event rate': result.perSecond,
        'processor time of an event': ((await server.cpuMs()) - cpuBeforeMs) / result.events,
        'requests for entities of an event': ((await entityRequests()) - requestsBefore) / result.events,
      };
    },
  });

  const inProcess = 'Tributary gateway, subgraphs in process';
  const remote = 'Tributary gateway, subgraphs over the network';
  const direct = 'a subgraph by itself, without a gateway';
  const hive = 'Hive Gateway, subgraphs over the network';
  const measured = await alternate(
    metrics,
    [
      contender(inProcess, await start('catalogue/serve-in-process.ts', keys)),
      contender(remote, await start('catalogue/serve-tributary.ts', { supergraph })),
      contender(hive, await start('catalogue/serve-hive.ts', { supergraph, planner: 'stitching' })),
      contender(direct, await start('catalogue/serve-schema.ts', 'whole')),
    ],
    { rounds },
  );
  const compare = (ours: string, peer: string) =>
    measured.compare(ours, peer, 'event rate', 'Subscription events with an entity hop');
  return {
    title: 'Subscriptions: events with an entity of another subgraph',
    setup: [
      `${subscriptions} subscriptions over ${keys.length} WebSockets with a key each, ${events} events each as fast as they are taken; ${rounds} rounds after one to warm up.`,
      'Through a gateway each event takes a call for the entity; the subgraph by itself has all fields at hand. Every event is checked to be whole and in order.',
    ],
    figures: measured.figures,
    comparisons: [compare(inProcess, direct), compare(remote, direct), compare(remote, hive)],
  };
});
