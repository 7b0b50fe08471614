import { describe, expect, it } from 'vitest';
import { collect } from '../../platform/testing/collect.ts';
import { createHashEncoder } from '../../platform/testing/hash-encoder.ts';
import type { Locator } from '../../platform/types.ts';
import { locatorOf } from './quote-excerpts.ts';
import { coverageNote } from './retrieve.ts';
import { encodeSentences } from './sentences/encode-sentences.ts';
import {
  passagesOf,
  type ScriptedPassage,
  scriptedRetriever,
  searched,
} from './testing/scripted-retriever.ts';
import { freshDatabase, startGeneration } from './testing/start-generation.ts';
import type { Coverage } from './types.ts';
import { verifyCitation } from './verify-citations.ts';

const { signal } = new AbortController();
const box = { left: 0.1, top: 0.2, width: 0.3, height: 0.1 };
const table: ScriptedPassage = {
  title: 'Parts',
  modality: 'TABLE',
  text: 'Parts: part, price, shelf\npart: gasket; price: 12.5; shelf: A3\npart: impeller; price: 310; shelf: B1\npart: coupling; price: 88; shelf: C7',
  locator: { kind: 'CellRange', sheet: 'Parts', firstRow: 2, lastRow: 4, firstColumn: 1, lastColumn: 3 },
};

interface Case {
  readonly name: string;
  readonly passage: ScriptedPassage;
  readonly question: string;
  readonly quote: string;
  readonly locator: Readonly<Record<string, unknown>>;
}

const cases: readonly Case[] = [
  {
    name: 'a recording, by its time',
    passage: {
      title: 'Handover',
      modality: 'AUDIO',
      text: 'The mixer was noisy again tonight. The coupling of the mixer was replaced at nine.',
      locator: { kind: 'TimeSpan', startMs: 61_000, endMs: 68_500 },
    },
    question: 'When was the coupling of the mixer replaced?',
    quote: 'The coupling of the mixer was replaced at nine.',
    locator: { __typename: 'TimeSpan', startMs: 61_000, endMs: 68_500, keyframeUrl: null },
  },
  {
    name: 'a table, by its row',
    passage: table,
    question: 'What is the price of the impeller part?',
    quote: 'part: impeller; price: 310; shelf: B1',
    locator: {
      ...{ __typename: 'CellRange', sheet: 'Parts', firstRow: 3, lastRow: 3, firstColumn: 1, lastColumn: 3 },
    },
  },
  {
    name: 'a picture, by its region',
    passage: {
      title: 'Wiring of the hoist',
      modality: 'IMAGE',
      text: 'The main fuse of the hoist is F7.',
      locator: { kind: 'ImageRegion', box },
    },
    question: 'Which is the main fuse of the hoist?',
    quote: 'The main fuse of the hoist is F7.',
    locator: { __typename: 'ImageRegion', region: box },
  },
  {
    name: 'a page, by its region',
    passage: {
      title: 'Manual',
      text: 'The seal of the pump is replaced every 2,000 hours.',
      locator: { kind: 'PageRegion', page: 12, box },
    },
    question: 'How often is the seal of the pump replaced?',
    quote: 'The seal of the pump is replaced every 2,000 hours.',
    locator: { __typename: 'PageRegion', page: 12, box },
  },
];

describe('an answer cites', () => {
  it.each(cases)('$name', async ({ passage, question, quote, locator }) => {
    const passages = passagesOf([{ text: 'The canteen opens at noon. Bread is free.' }, passage]);
    const generation = await startGeneration(await freshDatabase(), {
      retriever: scriptedRetriever(passages),
    });
    const events = await collect(generation.events({ input: { question } }));
    const citation = { support: 'VERIFIED', quote, chunk: { id: passages[1]?.chunkId }, locator };
    expect(events.at(-1)).toMatchObject({
      answer: { state: 'COMPLETED', text: quote, citations: [citation] },
    });
  });
});

describe('a statement of a model', () => {
  const passages = passagesOf(cases.map(({ passage }) => passage));
  const encoder = createHashEncoder();
  const verify = async (statement: string) =>
    verifyCitation(statement, await encodeSentences(passages, encoder, signal), passages, encoder, signal);

  it('is verified by what was said in a recording, and by a row', async () => {
    expect(await verify('the coupling of the mixer was replaced at nine')).toMatchObject({
      support: 'VERIFIED',
      locator: { kind: 'TimeSpan', startMs: 61_000 },
    });
    expect(await verify('shelf: B1; part: impeller; price: 310')).toMatchObject({
      support: 'SUPPORTED',
      quote: 'part: impeller; price: 310; shelf: B1',
      locator: { kind: 'CellRange', firstRow: 3, lastRow: 3 },
    });
  });

  it('is not, where another row has the number', async () => {
    expect(await verify('shelf: B1; part: impeller; price: 311')).toMatchObject({
      support: 'UNSUPPORTED',
    });
  });
});

describe('the place of a part of a table', () => {
  const [passage] = passagesOf([table]);
  const rows = (text: string): Locator | null => {
    const start = passage?.text.indexOf(text) ?? -1;
    return passage ? locatorOf(passage, { start, end: start + text.length }) : null;
  };

  it('is its rows, and the whole where a line is no row', () => {
    expect(rows('coupling')).toMatchObject({ firstRow: 4, lastRow: 4 });
    expect(rows('price: 12.5; shelf: A3\npart: impeller')).toMatchObject({ firstRow: 2, lastRow: 3 });
    expect(rows('part, price, shelf')).toMatchObject({ firstRow: 2, lastRow: 4 });
  });
});

describe('what could not be searched', () => {
  it('is said by its kind and by how it is searched', async () => {
    const missing = { status: 'UNAVAILABLE', candidates: 0, tookMs: 0, reason: null } as const;
    const coverage: Coverage = {
      complete: false,
      sources: [
        ...searched.sources,
        { modality: 'IMAGE', space: 'VISUAL', method: 'DENSE', ...missing },
        { modality: 'AUDIO', space: 'SOUND', method: 'DENSE', ...missing, status: 'TIMED_OUT' },
        { modality: 'AUDIO', space: 'TEXT', method: 'SPARSE', ...missing },
      ],
    };
    expect(coverageNote({ coverage })).toBe(
      'Not everything was searched: image by what is shown (it could not be reached), audio by how it sounds (it took too long), audio by words (it could not be reached).',
    );
  });

  it('has a space also where it was kept before there were any', async () => {
    const generation = await startGeneration(await freshDatabase(), {
      retriever: scriptedRetriever(passagesOf([{ text: 'Bread is baked at noon.' }])),
    });
    const events = await collect(generation.events({ input: { question: 'When is bread baked?' } }));
    const progress = events.filter(({ __typename }) => __typename === 'RetrievalProgress');
    expect(progress).toMatchObject([
      {
        source: { modality: 'TEXT', space: 'TEXT' },
        hits: [{ parts: { visual: null, sound: null, relevance: null, calibrations: [] } }],
      },
      { source: { space: 'TEXT' }, hits: [] },
    ]);
  });
});
