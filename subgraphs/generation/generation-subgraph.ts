import { DisposableStack } from '../../platform/disposable-stack.ts';
import { buildSchema } from '../../platform/graphql/build-schema.ts';
import type { Logger } from '../../platform/logger.ts';
import { createPostgresMessageBus } from '../../platform/message-bus/postgres-message-bus.ts';
import type { AnswerStreams } from '../../platform/ports/answer-streams.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Encoder } from '../../platform/ports/encoder.ts';
import type { LanguageModel } from '../../platform/ports/language-model.ts';
import { type Metrics, noMetrics } from '../../platform/ports/metrics.ts';
import type { Database } from '../../platform/postgres/database.ts';
import type { HealthCheck, Subgraph } from '../../platform/subgraph.ts';
import { AnswerChannel } from './answers/answer-channel.ts';
import { AnswerLog } from './answers/answer-log.ts';
import { AnswerRunner } from './answers/answer-runner.ts';
import { AnswerService } from './answers/answer-service.ts';
import { AnswerStore } from './answers/answer-store.ts';
import { measureAnswers } from './answers/measure-answers.ts';
import { createContext, type GenerationContext } from './context.ts';
import { makeAnswer, type Prices } from './pipeline.ts';
import { createResolvers } from './resolvers.ts';
import type { Retriever } from './retriever.ts';
import { Meaning } from './sentences/meaning.ts';

export interface GenerationOptions {
  readonly database: Database;
  /** What brings events to readers in other processes; null where PostgreSQL alone does. */
  readonly streams: AnswerStreams | null;
  readonly retriever: Retriever;
  /** What writes answers; null where only the passages' own sentences are quoted. */
  readonly languageModel: LanguageModel | null;
  readonly encoder: Encoder;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How questions are answered by default; `auto` lets the model write where it answers well. */
  readonly answerStyle: 'auto' | 'generated' | 'extractive';
  /** The most tokens of one answer, prompt and answer together, by default. */
  readonly tokenBudget: number;
  /** An answer that nobody has listened to for this long is stopped. */
  readonly graceSeconds: number;
  /** After this long without a sign of life from its process an answer is taken over by another one. */
  readonly leaseSeconds: number;
  readonly prices: Prices;
  /** The most answers that this process makes at once; 256 by default. */
  readonly maxRunning?: number;
  readonly metrics?: Metrics;
}

/**
 * The generation subgraph: answers with citations, their event logs, and the work of making them. Owns none
 * of what it is given. Disposing hands the answers under way over to other processes.
 */
export async function createGenerationSubgraph(
  options: GenerationOptions,
): Promise<Subgraph<GenerationContext>> {
  const { database, streams, retriever, languageModel, answerStyle, graceSeconds, leaseSeconds, logger } =
    options;
  const { metrics = noMetrics } = options;
  const stack = new DisposableStack();
  const channel = stack.use(new AnswerChannel(stack.use(createPostgresMessageBus(database))));
  const log = stack.use(new AnswerLog({ database, channel, streams, logger }));
  const store = new AnswerStore(database);
  const meaning = new Meaning(options.encoder);
  stack.defer(() => meaning[Symbol.dispose]());
  // Measured before the first question comes; where that fails, by the first question.
  meaning.scales().catch(() => undefined);
  const parts = { ...options, store, meaning };
  const runner = stack.use(
    new AnswerRunner({
      ...{ database, log, store, channel, streams, logger, graceSeconds, leaseSeconds },
      maxRunning: options.maxRunning ?? 256,
      canGenerate: languageModel !== null,
      make: (lease, signal) => makeAnswer(lease, parts, signal),
      appended: measureAnswers(metrics, options.clock),
    }),
  );
  const watching = metrics.watch('tributary_answers_running', () => [{ labels: {}, value: runner.running }]);
  stack.defer(() => watching[Symbol.dispose]());
  const writesByDefault =
    answerStyle === 'generated' ||
    (answerStyle === 'auto' && languageModel?.description.answersWell === true);
  const service = new AnswerService({
    ...{ store, log, runner, clock: options.clock, leaseSeconds, graceSeconds },
    model: languageModel?.description.model ?? null,
    defaults: {
      style: writesByDefault ? 'GENERATED' : 'EXTRACTIVE',
      tokenBudget: options.tokenBudget,
      canGenerate: languageModel !== null,
    },
  });
  try {
    await channel.open();
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
  void runner.tick();
  return {
    name: 'generation',
    schema: buildSchema('generation', createResolvers(service, store)),
    routes: [],
    createContext: (operation) => createContext(operation, { store, log }),
    check: (signal) =>
      Promise.all([
        checkOne('database', () => database.ping(signal), 'answers'),
        checkOne('retriever', () => retriever.ping(signal), 'answers'),
        describeModel(languageModel),
        ...(streams ? [describeStreams(streams)] : []),
      ]),
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

async function checkOne(name: string, ping: () => Promise<void>, detail: string): Promise<HealthCheck> {
  try {
    await ping();
    return { name, healthy: true, detail };
  } catch (error) {
    return { name, healthy: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

/** Without them the database brings every event, and answers come as before. */
function describeStreams(streams: AnswerStreams): HealthCheck {
  const problem = streams.degraded();
  const detail =
    problem === null ? 'answer streams' : `${problem} Answers are read from the database meanwhile.`;
  return { name: 'redis', healthy: problem === null, detail, optional: true };
}

/** Having no model is healthy: the passages' own sentences answer without one. */
function describeModel(model: LanguageModel | null): HealthCheck {
  const detail = model
    ? `${model.description.model}${model.description.answersWell ? '' : ': too small to answer well; passages are quoted by default'}`
    : 'none: passages are quoted';
  return { name: 'language-model', healthy: true, detail };
}
