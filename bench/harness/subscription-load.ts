import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { serveChild } from './child.ts';
import {
  type SubscriptionRequest,
  type SubscriptionResult,
  subscriptionRequestSchema,
} from './subscription-request.ts';

const eventSchema = z.object({
  productChanged: z.object({
    sequence: z.number(),
    product: z.object({ id: z.string(), name: z.string(), reviews: z.array(z.unknown()).length(2) }),
  }),
});

/** Follows one subscription to its end. @throws Error where an event is missing, double, out of order or not whole. */
async function follow(client: Client, query: string, from: number, events: number): Promise<void> {
  let seen = 0;
  for await (const { data, errors } of client.iterate({ query, variables: { count: events, from } })) {
    if (errors) throw new Error(`An event has errors: ${JSON.stringify(errors)}`);
    const { sequence } = eventSchema.parse(data).productChanged;
    seen += 1;
    if (sequence !== seen) throw new Error(`Event ${sequence} came where ${seen} should have.`);
  }
  if (seen !== events) throw new Error(`The subscription ended after ${seen} of ${events} events.`);
}

async function load(request: SubscriptionRequest): Promise<SubscriptionResult> {
  const clients = await Promise.all(
    request.keys.map(
      (key) =>
        new Promise<Client>((resolve, reject) => {
          const client = createClient({
            url: request.url,
            webSocketImpl: WebSocket,
            lazy: false,
            retryAttempts: 0,
            connectionParams: { authorization: `Bearer ${key}` },
            onNonLazyError: reject,
          });
          client.on('connected', () => resolve(client));
        }),
    ),
  );
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: request.subscriptions }, (_, index) => {
      const client = clients[index % clients.length];
      return client ? follow(client, request.query, index, request.events) : undefined;
    }),
  );
  const elapsedMs = performance.now() - startedMs;
  await Promise.all(clients.map((client) => client.dispose()));
  const events = request.subscriptions * request.events;
  return { events, perSecond: (events / elapsedMs) * 1000 };
}

serveChild(async () => ({
  ready: 'ready',
  answer: (input) => load(subscriptionRequestSchema.parse(input)),
}));
