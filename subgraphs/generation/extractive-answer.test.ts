import { describe, expect, it } from 'vitest';
import { collect } from '../../platform/testing/collect.ts';
import { passagesOf, scriptedRetriever, searched } from './testing/scripted-retriever.ts';
import { freshDatabase, startGeneration } from './testing/start-generation.ts';

const passages = passagesOf([
  {
    title: 'Pump manual',
    text: 'Pump P-101 moves coolant. The seal of pump P-101 must be serviced every 2,000 hours. Paint is blue.',
  },
  { text: 'The canteen opens at noon. Bread is free.' },
]);

describe('an answer of the passages’ own sentences', () => {
  it('streams its events in order, quotes letter by letter, and says where', async () => {
    const database = await freshDatabase();
    const generation = await startGeneration(database, { retriever: scriptedRetriever(passages) });
    const events = await collect(
      generation.events({ input: { question: 'How often must the seal of pump P-101 be serviced?' } }),
    );
    expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index + 1));
    expect(events.map((event) => event.__typename)).toEqual([
      'AnswerStarted',
      'RetrievalProgress',
      'RetrievalProgress',
      'TokenDelta',
      'CitationAdded',
      'AnswerCompleted',
    ]);
    const quote = 'The seal of pump P-101 must be serviced every 2,000 hours.';
    const start = passages[0]!.text.indexOf(quote);
    expect(events[0]).toMatchObject({ model: 'extractive', style: 'EXTRACTIVE' });
    expect(events[1]).toMatchObject({
      source: { modality: 'TEXT', method: 'DENSE', status: 'SEARCHED' },
      hits: passages.map(({ rank, chunkId }) => ({ rank, chunk: { id: chunkId } })),
    });
    expect(events[2]).toMatchObject({ hits: [] });
    expect(events[3]).toMatchObject({ text: quote });
    const citation = {
      index: 1,
      support: 'VERIFIED',
      quote,
      chunk: { id: passages[0]!.chunkId },
      answerRange: { start: 0, end: quote.length },
      locator: { __typename: 'TextRange', start, end: start + quote.length },
    };
    expect(events[4]).toMatchObject({ citation });
    expect(events[5]).toMatchObject({
      answer: {
        state: 'COMPLETED',
        text: quote,
        citations: [citation],
        coverage: { complete: true },
        usage: { promptTokens: 0, completionTokens: 0, costMicroUsd: null },
        cursor: events[5]!.cursor,
      },
    });
  });

  it('says so and cites nothing where no passage answers', async () => {
    const database = await freshDatabase();
    for (const found of [passages, []]) {
      const generation = await startGeneration(database, { retriever: scriptedRetriever(found) });
      const events = await collect(
        generation.events({ input: { question: 'Who won the chess championship?' } }),
      );
      expect(events.at(-1)).toMatchObject({
        answer: {
          state: 'COMPLETED',
          text: 'Nothing was found in the documents that answers this.',
          citations: [],
        },
      });
    }
  });

  it('says what could not be searched', async () => {
    const database = await freshDatabase();
    const [dense, sparse] = searched.sources;
    const generation = await startGeneration(database, {
      retriever: scriptedRetriever(passages, {
        complete: false,
        sources: [{ ...dense!, status: 'TIMED_OUT', reason: 'late' }, sparse!],
      }),
    });
    const events = await collect(
      generation.events({ input: { question: 'How often must the seal of pump P-101 be serviced?' } }),
    );
    expect(events.at(-1)).toMatchObject({
      answer: {
        coverage: { complete: false },
        text: 'The seal of pump P-101 must be serviced every 2,000 hours.\n\nNot everything was searched: text by meaning (it took too long).',
      },
    });
  });
});
