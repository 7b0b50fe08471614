import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../platform/testing/eventually.ts';
import { type System, startSystem } from './system.ts';

interface Question {
  readonly question: string;
  /** The sample that answers it; null where none does. */
  readonly document: string | null;
  /** The page of a PDF that answers it. */
  readonly page?: number;
  /** The words that answer it. */
  readonly phrase: string | null;
}

interface Answered {
  readonly state: string;
  readonly text: string;
  readonly citations: { readonly quote: string; readonly support: string }[];
}

const questions = JSON.parse(
  await readFile(new URL('../samples/questions.json', import.meta.url), 'utf8'),
) as Question[];
const answerable = questions.filter(({ document }) => document !== null);
const unanswerable = questions.filter(({ document }) => document === null);
const oneLine = (text: string) => text.replace(/\s+/g, ' ');

const search = /* GraphQL */ `
  query ($text: String!) {
    search(input: { text: $text, first: 5 }) {
      hits { nodes { chunk { text document { source } locator { ... on PageRegion { page } } } } }
    }
  }
`;
interface Found {
  readonly search: {
    hits: {
      nodes: { chunk: { text: string; document: { source: string }; locator: { page?: number } } }[];
    };
  };
}

describe('a first start with its samples', { timeout: 60_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem('dist/main.js', { TRIBUTARY_SAMPLES: 'true' });
    await eventually(
      async () => {
        const { documents } = await system.query<{ documents: { totalCount: number } }>(
          '{ documents(filter: { states: [SEARCHABLE] }) { totalCount } }',
        );
        return documents.totalCount === 4;
      },
      { timeoutMs: 60_000 },
    );
  }, 120_000);
  afterAll(() => system?.[Symbol.asyncDispose](), 60_000);

  /** Asks, waits, and gives the answer as it ended. */
  async function answer(question: string): Promise<Answered> {
    const { ask } = await system.query<{ ask: { id: string } }>(
      'mutation ($input: AskInput!) { ask(input: $input) { ... on Answer { id } ... on Problem { message } } }',
      { input: { question, style: 'EXTRACTIVE' } },
    );
    return eventually(async () => {
      const { answer } = await system.query<{ answer: Answered }>(
        'query ($id: ID!) { answer(id: $id) { state text citations { quote support } } }',
        { id: ask.id },
      );
      return answer.state === 'RUNNING' ? null : answer;
    });
  }

  it('finds what answers each question within five hits, and most within three', async () => {
    const late: string[] = [];
    for (const { question, document, page, phrase } of answerable) {
      const { hits } = (await system.query<Found>(search, { text: question })).search;
      const place = hits.nodes.findIndex(
        ({ chunk }) =>
          chunk.document.source === `samples/${document}` &&
          (page === undefined || chunk.locator.page === page) &&
          oneLine(chunk.text).includes(phrase ?? ''),
      );
      expect(place, question).toBeGreaterThanOrEqual(0);
      if (place >= 3) late.push(question);
    }
    // Measured: 24 of the 25 within three, one in the fourth place.
    expect(late.length, late.join('\n')).toBeLessThanOrEqual(1);
  });

  it('answers most of the questions in the documents’ own words', async () => {
    const missed: string[] = [];
    for (const { question, phrase } of answerable) {
      const { state, text, citations } = await answer(question);
      expect(state).toBe('COMPLETED');
      for (const { quote, support } of citations) {
        expect(support).toBe('VERIFIED');
        expect(oneLine(text)).toContain(oneLine(quote));
      }
      if (!oneLine(text).includes(phrase ?? '')) missed.push(`${question} → ${text}`);
    }
    // Measured: all 25.
    expect(missed.length, missed.join('\n')).toBeLessThanOrEqual(3);
  });

  it.each(unanswerable)('says that nothing answers “$question”', async ({ question }) => {
    const { state, text, citations } = await answer(question);
    expect({ state, citations }).toEqual({ state: 'COMPLETED', citations: [] });
    expect(text).toMatch(/nothing was found/i);
  });
});
