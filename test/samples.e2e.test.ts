import { readdir, readFile } from 'node:fs/promises';
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

/** A question that something other than prose may answer. */
interface MediaQuestion {
  readonly question: string;
  readonly document: string;
  readonly modality: string;
  /** What the hit says. */
  readonly phrase?: string;
  /** Between which seconds of a recording it is. */
  readonly seconds?: readonly [number, number];
  /** What must be loaded for it. */
  readonly needs?: 'transcriber';
}
const mediaQuestions = JSON.parse(
  await readFile(new URL('../samples/media-questions.json', import.meta.url), 'utf8'),
) as MediaQuestion[];
/** A Whisper model in the hub's layout, where there is one; recordings are found by their titles without. */
const whisper = process.env.TEST_WHISPER_MODEL;
const settings = { TRIBUTARY_SAMPLES: 'true', ...(whisper && { TRIBUTARY_TRANSCRIBER: whisper }) };
const samples = (await readdir(new URL('../samples/', import.meta.url))).filter(
  (name) => /\.(?:md|html|txt|pdf|eml|csv|jsonl|png|ogg|mp4)$/.test(name) && name !== 'README.md',
);

const oneLine = (text: string) => text.replace(/\s+/g, ' ');

const search = /* GraphQL */ `
  query ($text: String!) {
    search(input: { text: $text, first: 5 }) {
      hits { nodes { chunk { text document { source } locator { ... on PageRegion { page } } } } }
    }
  }
`;
const searchMedia = /* GraphQL */ `
  query ($text: String!) {
    search(input: { text: $text, first: 3 }) {
      hits { nodes { chunk {
        text modality previewUrl document { source contentUrl }
        locator {
          __typename
          ... on ImageRegion { region: box { left top width height } }
          ... on TimeSpan { startMs endMs keyframeUrl }
          ... on CellRange { firstRow lastRow }
        }
      } } }
      coverage { sources { modality space method status } }
    }
  }
`;
interface MediaHit {
  readonly chunk: {
    readonly text: string | null;
    readonly modality: string;
    readonly previewUrl: string | null;
    readonly document: { readonly source: string; readonly contentUrl: string };
    readonly locator: {
      readonly __typename: string;
      readonly startMs?: number;
      readonly endMs?: number;
      readonly keyframeUrl?: string | null;
    };
  };
}
const locatorOf: Readonly<Record<string, string>> = {
  TEXT: 'TextRange',
  IMAGE: 'ImageRegion',
  AUDIO: 'TimeSpan',
  VIDEO: 'TimeSpan',
  TABLE: 'CellRange',
};

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
    system = await startSystem('dist/main.js', settings);
    await eventually(
      async () => {
        const { documents } = await system.query<{ documents: { totalCount: number } }>(
          '{ documents(filter: { states: [SEARCHABLE, PARTIAL] }) { totalCount } }',
        );
        return documents.totalCount === samples.length;
      },
      { timeoutMs: 120_000 },
    );
  }, 180_000);
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
    // Measured: 24 of the 25 within three, one in the fifth place.
    expect(late.length, late.join('\n')).toBeLessThanOrEqual(1);
  });

  it.each(mediaQuestions.filter(({ needs }) => needs === undefined || whisper))(
    'finds in $document, within three hits, “$question”',
    async ({ question, document, modality, phrase, seconds }) => {
      const { search } = await system.query<{ search: { hits: { nodes: MediaHit[] } } }>(searchMedia, {
        text: question,
      });
      const { nodes } = search.hits;
      const hit = nodes.find(
        ({ chunk }) =>
          chunk.document.source === `samples/${document}` &&
          chunk.modality === modality &&
          oneLine(chunk.text ?? '')
            .toLowerCase()
            .includes((phrase ?? '').toLowerCase()),
      );
      if (hit === undefined) throw new Error(`found was ${JSON.stringify(nodes, null, 1)}`);
      const { locator, previewUrl } = hit.chunk;
      expect(locator.__typename).toBe(locatorOf[modality]);
      if (seconds !== undefined) {
        expect(locator.startMs).toBeLessThanOrEqual(seconds[1] * 1000);
        expect(locator.endMs).toBeGreaterThanOrEqual(seconds[0] * 1000);
      }
      const shown = [hit.chunk.document.contentUrl, previewUrl, locator.keyframeUrl];
      if (modality === 'IMAGE') expect(previewUrl).not.toBeNull();
      for (const address of shown) {
        if (address === null || address === undefined) continue;
        const response = await fetch(new URL(address, system.url));
        expect(response.status, address).toBe(200);
        expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(0);
      }
    },
  );

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
