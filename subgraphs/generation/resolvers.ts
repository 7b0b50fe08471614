import { asTributaryError, rejected } from '../../platform/errors.ts';
import { scalars } from '../../platform/graphql/scalars.ts';
import { isId } from '../../platform/ids.ts';
import type { AnswerService } from './answers/answer-service.ts';
import { requireScope } from './answers/answer-service.ts';
import type { AnswerStore } from './answers/answer-store.ts';
import { decodeListCursor, encodeCursor, encodeListCursor } from './answers/cursor.ts';
import type { GenerationContext } from './context.ts';
import type { AnswerEventModel, AnswerModel } from './models.ts';
import type { Resolvers } from './schema.generated.ts';

const event = {
  cursor: ({ answerId, sequence }: AnswerEventModel) => encodeCursor({ answerId, sequence }),
};

const toEdge = (row: AnswerModel) => ({
  cursor: encodeListCursor({ createdAt: row.createdAtMicros, id: row.id }),
  node: row,
});

/** The resolvers of the contract's generation part: parse, call, map. */
export const createResolvers = (
  service: AnswerService,
  store: AnswerStore,
): Resolvers<GenerationContext> => ({
  ...scalars,
  // What was kept before there were tiers has been searched in the one that there was.
  SourceCoverage: { tier: ({ tier }) => tier ?? 'HOT', space: ({ space }) => space ?? 'TEXT' },
  // Before there were other spaces than that of words nothing had to be made comparable.
  ScoreParts: {
    visual: ({ visual }) => visual ?? null,
    sound: ({ sound }) => sound ?? null,
    relevance: ({ relevance }) => relevance ?? null,
    calibrations: ({ calibrations }) => calibrations ?? [],
  },
  Query: {
    answer: async (_, { id }, context) => {
      requireScope(context.identity, 'answers:read');
      const row = isId('ans', id) ? await context.answers.load(id) : null;
      if (row) await service.noteRead(row);
      return row;
    },
    answers: async (_, { conversationId, first, after }, { identity, signal }) => {
      requireScope(identity, 'answers:read');
      const count = first ?? 20;
      if (count < 1 || count > 200) {
        throw rejected('OUT_OF_RANGE', `\`first\` is ${count}; 1 to 200 are allowed.`, { field: 'first' });
      }
      const page = await store.list(
        identity,
        {
          conversationId: conversationId ?? null,
          first: count,
          after: after ? decodeListCursor(after) : null,
        },
        signal,
      );
      const edges = page.answers.map(toEdge);
      return {
        edges,
        nodes: page.answers,
        pageInfo: {
          hasNextPage: page.hasNextPage,
          hasPreviousPage: Boolean(after),
          startCursor: edges[0]?.cursor ?? null,
          endCursor: edges.at(-1)?.cursor ?? null,
        },
      };
    },
  },
  Mutation: {
    ask: async (_, { input }, { identity }) => {
      try {
        return { ...(await service.ask(identity, input)), __typename: 'Answer' as const };
      } catch (error) {
        const { code, reason, publicMessage, field, retryAfterMs } = asTributaryError(error);
        if (code === 'REJECTED_INPUT') {
          return {
            __typename: 'Rejected' as const,
            code: reason,
            message: publicMessage,
            field: field ?? null,
          };
        }
        if (code === 'BUSY') {
          return {
            __typename: 'Busy' as const,
            code: reason,
            message: publicMessage,
            retryAfterMs: retryAfterMs ?? 1_000,
          };
        }
        throw error;
      }
    },
    stopAnswer: async (_, { id }, { identity, signal }) => {
      const row = await service.stop(identity, id, signal);
      if (row) return { ...row, __typename: 'Answer' as const };
      const message = 'There is no answer with this id that you may stop.';
      return { __typename: 'NotFound' as const, code: 'NOT_FOUND', message };
    },
  },
  Subscription: {
    answer: {
      subscribe: (_, { input, id, after }, { identity, signal }) =>
        service.follow(identity, { input: input ?? null, id: id ?? null, after: after ?? null }, signal),
      resolve: (payload: AnswerEventModel) => payload,
    },
  },
  Answer: {
    __resolveReference: ({ id }, context) => {
      requireScope(context.identity, 'answers:read');
      return isId('ans', id) ? context.answers.load(id) : null;
    },
    text: async ({ id }, _, context) => (await context.said.load(id)).text,
    citations: async ({ id }, _, context) => (await context.said.load(id)).citations,
    cursor: ({ id, lastSequence }) => encodeCursor({ answerId: id, sequence: lastSequence }),
    createdAt: ({ createdAt }) => createdAt.toISOString(),
    finishedAt: ({ finishedAt }) => finishedAt?.toISOString() ?? null,
  },
  AnswerEvent: { __resolveType: ({ kind }) => kind },
  AnswerStarted: event,
  RetrievalProgress: event,
  TokenDelta: event,
  CitationAdded: event,
  AnswerCompleted: {
    ...event,
    answer: async ({ answerId }, _, context) => {
      const row = await context.answers.load(answerId);
      if (!row) throw new Error('The answer is gone.');
      return row;
    },
  },
  AnswerFailed: event,
  Citation: { chunk: ({ chunkId }) => (chunkId === null ? null : { id: chunkId }) },
  Hit: { chunk: ({ chunkId }) => ({ id: chunkId }) },
  Locator: { __resolveType: ({ kind }) => kind },
  // Addresses of stills expire, and answers stay: `Citation.chunk` has one that holds.
  TimeSpan: { keyframeUrl: () => null },
  AskResult: { __resolveType: ({ __typename }) => __typename },
  StopAnswerResult: { __resolveType: ({ __typename }) => __typename },
  Node: { __resolveType: () => 'Answer' },
  Problem: { __resolveType: ({ __typename }) => __typename },
});
