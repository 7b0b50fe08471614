import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { openBentoCache } from '../platform/cache/bento-cache.ts';
import { createLogger } from '../platform/logger.ts';
import { systemClock } from '../platform/ports/clock.ts';
import type { LanguageModel } from '../platform/ports/language-model.ts';
import { createCohorts } from '../subgraphs/retrieval/calibration/cohorts.ts';
import { createEncoderChoice } from '../subgraphs/retrieval/choose-encoder.ts';
import { findVisiblePassages } from '../subgraphs/retrieval/find-visible.ts';
import { runPipeline } from '../subgraphs/retrieval/pipeline.ts';
import { writeManual } from './corpus/manual.ts';
import { createRandom } from './corpus/random.ts';
import { alternate } from './harness/alternate.ts';
import { benchmark } from './harness/benchmark.ts';
import { percentile } from './harness/statistics.ts';
import { addDocuments } from './system/add-documents.ts';
import { caller, startSystem } from './system/start-system.ts';

const documents = 20;
const questionsPerRound = 20;
const rounds = 5;

/** A model that has its answer at once: what is left of the time to the first token is ours. */
const instantModel: LanguageModel = {
  description: { model: 'instant', contextTokens: 8192, answersWell: true },
  countTokens: async (text) => Math.ceil(text.length / 4),
  async *generate() {
    for (const word of 'The seal must be serviced every 500 hours .'.split(' ')) {
      yield { kind: 'text', text: ` ${word}` };
    }
    yield { kind: 'end', promptTokens: 500, completionTokens: 9 };
  },
  async [Symbol.asyncDispose]() {},
};

const subscription = `subscription ($input: AskInput!) {
  answer(input: $input) { __typename sequence ... on TokenDelta { text } ... on AnswerFailed { message } }
}`;
const eventSchema = z.object({ answer: z.object({ __typename: z.string() }) });

/** The time to the first token with a model that takes none, beside the same steps without gateway, log and subscription. */
await benchmark('first-token', async (stack) => {
  const system = await startSystem(stack, { languageModel: instantModel });
  const { database, vectors, encoder } = system;
  const random = createRandom(1);
  await addDocuments(
    system,
    Array.from({ length: documents }, () => writeManual(random, 600)),
  );
  const client = createClient({
    url: system.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    lazy: false,
  });
  stack.defer(async () => client.dispose());

  const nextQuestion = () =>
    `How often must the seal of the pump P-${Math.floor(random() * 900)} be serviced, and by whom?`;

  async function throughTheSystem(): Promise<number> {
    const input = { question: nextQuestion(), style: 'GENERATED' };
    const startedMs = performance.now();
    let firstMs: number | undefined;
    // The answer is followed to its end, so that none is still being written when the next begins.
    for await (const { data, errors } of client.iterate({ query: subscription, variables: { input } })) {
      if (errors) throw new Error(JSON.stringify(errors));
      const { __typename: kind } = eventSchema.parse(data).answer;
      if (kind === 'AnswerFailed') throw new Error(JSON.stringify(data));
      if (kind === 'TokenDelta') firstMs ??= performance.now() - startedMs;
    }
    if (firstMs === undefined) throw new Error('The answer has no words.');
    return firstMs;
  }

  const logger = createLogger('bench', 'error');
  const pipeline = {
    database,
    vectors,
    encoder,
    cache: stack.use(await openBentoCache({ maxBytes: 0, shared: null, logger })),
    rankingTtlMs: 0,
    clock: systemClock,
    logger,
    weights: {},
  };
  const encoders = createEncoderChoice(database, pipeline);
  const cohorts = createCohorts(logger);
  async function bare(): Promise<number> {
    const { signal } = new AbortController();
    const text = nextQuestion();
    const startedMs = performance.now();
    const found = await runPipeline(
      { tenant: caller.tenant, access: caller.scopes, input: { text, first: 8 }, signal },
      encoders,
      cohorts,
      pipeline,
    );
    const ids = found.hits.map(({ chunkId }) => chunkId);
    const texts = await findVisiblePassages(database, caller.tenant, ids, signal);
    const messages = [...texts.values()].map((passage) => passage.text ?? '');
    for await (const event of instantModel.generate({
      messages: [{ role: 'user', content: [...messages, text].join('\n') }],
      maxTokens: 100,
      signal,
    })) {
      if (event.kind === 'text') break;
    }
    return performance.now() - startedMs;
  }

  const metrics = {
    'time to first token': { unit: 'ms', better: 'lower' },
    'p95 of it': { unit: 'ms', better: 'lower' },
  } as const;
  const contender = (name: string, ask: () => Promise<number>) => ({
    name,
    async measure() {
      const times: number[] = [];
      for (let question = 0; question < questionsPerRound; question++) times.push(await ask());
      return { 'time to first token': percentile(times, 0.5), 'p95 of it': percentile(times, 0.95) };
    },
  });
  const ours = 'Tributary, subscription to first token';
  const peer = 'the search and the model called bare';
  const measured = await alternate(metrics, [contender(ours, throughTheSystem), contender(peer, bare)], {
    rounds,
  });
  const compared = measured.compare(
    ours,
    peer,
    'time to first token',
    'Time to first token with an instant model',
  );
  return {
    title: 'First token: what everything around the model adds',
    setup: [
      `A model that answers at once; ${documents} documents, the real encoder, LanceDB and PostgreSQL; one question at a time over WebSocket, ${rounds} rounds of ${questionsPerRound}, the median of each.`,
      `Added by gateway, event log and subscription: ${(compared.ours.median - compared.peer.median).toFixed(1)} ms.`,
    ],
    figures: measured.figures,
    comparisons: [compared],
  };
});
