import { z } from 'zod';
import { hopSubscription } from './catalogue/catalogue.ts';
import { composeCatalogue } from './catalogue/compose-catalogue.ts';
import { alternate, type Contender } from './harness/alternate.ts';
import { benchmark } from './harness/benchmark.ts';
import { type Child, startChild } from './harness/child.ts';
import { subscriptionResultSchema } from './harness/subscription-request.ts';

const sockets = 10;
const subscriptions = 100;
const events = 100;
const rounds = 5;
const key = 'the-key-of-the-benchmark';

const urlSchema = z.url();
const program = (name: string) => new URL(name, import.meta.url);

/** Events with an entity of another subgraph, through our gateway beside a subgraph that is subscribed to directly. */
await benchmark('subscriptions', async (stack) => {
  const start = async (name: string, input: unknown) => stack.use(await startChild(program(name), input));
  const products = urlSchema.parse((await start('catalogue/serve-schema.ts', 'products')).ready);
  const reviews = urlSchema.parse((await start('catalogue/serve-schema.ts', 'reviews')).ready);
  const supergraph = composeCatalogue({ products, reviews });
  const load = await start('harness/subscription-load.ts', 'start');

  const metrics = {
    'event rate': { unit: 'events/s', better: 'higher' },
    'processor time of an event': { unit: 'ms', better: 'lower' },
  } as const;
  const contender = (
    name: string,
    server: Child,
    authorization?: string,
  ): Contender<keyof typeof metrics> => ({
    name,
    async measure() {
      const url = urlSchema.parse(server.ready).replace('http', 'ws');
      const cpuBeforeMs = await server.cpuMs();
      const result = subscriptionResultSchema.parse(
        await load.ask({
          url,
          query: hopSubscription,
          sockets,
          subscriptions,
          events,
          connectionParams: authorization && { authorization },
        }),
      );
      return {
        'event rate': result.perSecond,
        'processor time of an event': ((await server.cpuMs()) - cpuBeforeMs) / result.events,
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
      contender(inProcess, await start('catalogue/serve-in-process.ts', [key]), `Bearer ${key}`),
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
      `${subscriptions} subscriptions over ${sockets} WebSockets, ${events} events each as fast as they are taken; ${rounds} rounds after one to warm up.`,
      'Through a gateway each event takes a call for the entity; the subgraph by itself has all fields at hand. Every event is checked to be whole and in order.',
    ],
    figures: measured.figures,
    comparisons: [compare(inProcess, direct), compare(remote, direct), compare(remote, hive)],
  };
});
