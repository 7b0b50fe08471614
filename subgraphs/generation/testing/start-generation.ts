import { type ExecutionResult, execute, parse, subscribe } from 'graphql';
import { onTestFinished } from 'vitest';
import type { Identity } from '../../../platform/identity.ts';
import { systemClock } from '../../../platform/ports/clock.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { createHashEncoder } from '../../../platform/testing/hash-encoder.ts';
import { silentLogger } from '../../../platform/testing/silent-logger.ts';
import { createTestDatabase, type TestDatabase } from '../../../platform/testing/test-database.ts';
import { createGenerationSubgraph, type GenerationOptions } from '../generation-subgraph.ts';
import { scriptedRetriever } from './scripted-retriever.ts';

export const ann: Identity = {
  tenant: 'acme',
  subject: 'ann',
  scopes: ['documents:read', 'answers:read', 'answers:write'],
};

/** An event as a reader of the contract gets it. */
export type SeenEvent = Readonly<Record<string, unknown>> & {
  readonly __typename: string;
  readonly sequence: number;
  readonly cursor: string;
  readonly answerId: string;
};

/** An answer as a caller of the contract gets it, or the problem that it got instead. */
export interface SeenAnswer {
  readonly __typename: string;
  readonly id: string;
  readonly conversationId: string;
  readonly text: string;
  readonly state: string;
  readonly reason: string | null;
  readonly cursor: string;
  readonly code: string;
  readonly message: string;
}

const allOfIt = `
  __typename sequence cursor answerId
  ... on AnswerStarted { model style }
  ... on RetrievalProgress { source { modality space method status candidates reason } hits { rank score chunk { id } parts { visual sound relevance calibrations { space } } } }
  ... on TokenDelta { text }
  ... on CitationAdded { citation { ...Cited } }
  ... on AnswerCompleted { answer { ...Whole } }
  ... on AnswerFailed { code retryable message }
`;
const fragments = `
  fragment Cited on Citation {
    index support quote chunk { id } answerRange { start end }
    locator { __typename ... on TextRange { start end } ... on PageRegion { page box { left top width height } }
      ... on ImageRegion { region: box { left top width height } } ... on TimeSpan { startMs endMs keyframeUrl }
      ... on CellRange { sheet firstRow lastRow firstColumn lastColumn } }
  }
  fragment Whole on Answer {
    id conversationId question text state style model cursor reason createdAt finishedAt
    citations { ...Cited } coverage { complete sources { modality method status } }
    usage { promptTokens completionTokens costMicroUsd firstTokenMs totalMs }
  }
`;

/** A migrated database of a test's own, dropped when the test and what it started have ended. */
export async function freshDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  onTestFinished(() => database[Symbol.asyncDispose]());
  return database;
}

/** A generation subgraph of its own process, as it were, and what callers do with it. */
export async function startGeneration(database: Database, options: Partial<GenerationOptions> = {}) {
  const subgraph = await createGenerationSubgraph({
    database,
    streams: null,
    retriever: scriptedRetriever([]),
    languageModel: null,
    encoder: createHashEncoder(),
    clock: systemClock,
    logger: silentLogger,
    answerStyle: 'auto',
    tokenBudget: 2048,
    graceSeconds: 60,
    leaseSeconds: 60,
    prices: { promptUsd: null, completionUsd: null },
    ...options,
  });
  onTestFinished(() => subgraph[Symbol.asyncDispose]());

  const run = async (
    source: string,
    variableValues: Record<string, unknown>,
    identity = ann,
  ): Promise<Record<string, unknown>> => {
    const result = (await execute({
      schema: subgraph.schema,
      document: parse(source),
      variableValues,
      contextValue: subgraph.createContext({ identity, signal: new AbortController().signal }),
    })) as ExecutionResult;
    if (result.errors?.[0]) throw result.errors[0].originalError ?? result.errors[0];
    return result.data ?? {};
  };

  /** The events of a subscription, as they come; leaving the loop closes it. */
  async function* events(
    variableValues: { readonly input?: object; readonly id?: string; readonly after?: string | undefined },
    identity = ann,
  ): AsyncGenerator<SeenEvent, void, undefined> {
    const controller = new AbortController();
    const result = await subscribe({
      schema: subgraph.schema,
      document: parse(
        `subscription ($input: AskInput, $id: ID, $after: String) { answer(input: $input, id: $id, after: $after) { ${allOfIt} } } ${fragments}`,
      ),
      variableValues,
      contextValue: subgraph.createContext({ identity, signal: controller.signal }),
    });
    if (!(Symbol.asyncIterator in result)) throw result.errors?.[0]?.originalError ?? result.errors?.[0];
    try {
      for await (const item of result) {
        if (item.errors?.[0]) throw item.errors[0].originalError ?? item.errors[0];
        yield item.data?.answer as SeenEvent;
      }
    } finally {
      controller.abort();
    }
  }

  return {
    subgraph,
    run,
    events,
    ask: async (input: object, identity = ann): Promise<SeenAnswer> =>
      (
        await run(
          `mutation ($input: AskInput!) { ask(input: $input) { __typename ...Whole ... on Problem { code message } ... on Rejected { field } ... on Busy { retryAfterMs } } } ${fragments}`,
          { input },
          identity,
        )
      ).ask as SeenAnswer,
    answer: async (id: string, identity = ann): Promise<SeenAnswer> =>
      (await run(`query ($id: ID!) { answer(id: $id) { ...Whole } } ${fragments}`, { id }, identity))
        .answer as SeenAnswer,
    stop: async (id: string, identity = ann): Promise<SeenAnswer> =>
      (
        await run(
          `mutation ($id: ID!) { stopAnswer(id: $id) { __typename ...Whole ... on Problem { code message } } } ${fragments}`,
          { id },
          identity,
        )
      ).stopAnswer as SeenAnswer,
  };
}
