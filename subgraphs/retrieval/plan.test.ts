import { describe, expect, it } from 'vitest';
import { TributaryError } from '../../platform/errors.ts';
import { writeCursor } from './cursor.ts';
import { plan } from './plan.ts';
import type { Searchable } from './plan-sources.ts';
import { parseQuery, type ReadQuery } from './read-query.ts';
import type { MetadataCondition, SearchFilter, SearchInput } from './schema.generated.ts';

const spaces = {
  TEXT: { kind: 'ready', fingerprint: '0123456789abcdef' },
  VISUAL: { kind: 'ready', fingerprint: 'fedcba9876543210' },
  SOUND: { kind: 'ready', fingerprint: '0f0f0f0f0f0f0f0f' },
} as const satisfies Searchable['spaces'];
const words: Searchable = { spaces, has: ['TEXT'] };
const everything: Searchable = { spaces, has: null };
const now = 1_000_000;

/** What is searched with, as if every upload and passage were there. */
function queryOf(input: SearchInput): ReadQuery {
  const asked = parseQuery(input);
  if (asked.kind === 'text') return { query: asked, upload: null };
  if (asked.kind === 'similar') return { query: { ...asked, space: 'TEXT' }, upload: null };
  const upload = { sha256: 'content', read: async () => new Uint8Array() };
  return { query: { kind: asked.kind, sha256: upload.sha256 }, upload };
}

const planned = (input: SearchInput, tenant = 'acme', searchable = words) =>
  plan({ tenant, input }, queryOf(input), searchable, now);

function refusal(input: SearchInput): { reason: string; field: string | undefined; message: string } {
  try {
    planned(input);
  } catch (error) {
    if (!(error instanceof TributaryError)) throw error;
    expect(error.code).toBe('REJECTED_INPUT');
    return { reason: error.reason, field: error.field, message: error.publicMessage };
  }
  throw new Error('The plan took what it should have refused.');
}

const filtered = (filter: SearchFilter) => planned({ text: 'words', filter }).filter;
const document = `doc_${'0'.repeat(26)}`;
const passage = `chk_${'0'.repeat(26)}`;
const upload = `upl_${'0'.repeat(26)}`;

describe('plan: personal data', () => {
  const held = (personalData: 'all' | 'without' | 'only', filter?: SearchFilter) =>
    plan(
      { tenant: 'acme', input: { text: 'words', ...(filter && { filter }) } },
      queryOf({ text: 'words' }),
      words,
      now,
      {},
      personalData,
    ).filter;

  it('is searched as anything else where nothing else is configured', () => {
    expect(held('all')).toBeNull();
  });

  it('is left out, or searched alone, whatever the caller asks for', () => {
    expect(held('without')).toEqual({ kind: 'containsPii', value: false });
    expect(held('only')).toEqual({ kind: 'containsPii', value: true });
    expect(held('without', { containsPii: true })).toEqual({
      kind: 'and',
      filters: [
        { kind: 'containsPii', value: false },
        { kind: 'containsPii', value: true },
      ],
    });
  });
});

describe('plan: what it refuses', () => {
  const condition = (given: Omit<MetadataCondition, 'path'>, path = 'a.b'): SearchInput => ({
    text: 'words',
    filter: { metadata: [{ path, ...given }] },
  });
  const cases: readonly (readonly [string, SearchInput, string, string])[] = [
    ['nothing asked', {}, 'NO_QUERY', 'text'],
    ['two things asked', { text: 'a', similarToChunkId: passage }, 'TWO_QUERIES', 'text'],
    ['an empty query', { text: '' }, 'EMPTY_QUERY', 'text'],
    ['a blank query', { text: ' \n\t\u00a0' }, 'EMPTY_QUERY', 'text'],
    ['100,000 characters', { text: 'x'.repeat(100_000) }, 'QUERY_TOO_LONG', 'text'],
    ['first: 100000', { text: 'a', first: 100_000 }, 'OUT_OF_RANGE', 'first'],
    ['first: 0', { text: 'a', first: 0 }, 'OUT_OF_RANGE', 'first'],
    ['perDocument: 0', { text: 'a', perDocument: 0 }, 'OUT_OF_RANGE', 'perDocument'],
    ['deadlineMs: 0', { text: 'a', deadlineMs: 0 }, 'OUT_OF_RANGE', 'deadlineMs'],
    ['deadlineMs: 60001', { text: 'a', deadlineMs: 60_001 }, 'OUT_OF_RANGE', 'deadlineMs'],
    ['no modalities', { text: 'a', modalities: [] }, 'EMPTY_LIST', 'modalities'],
    ['no id of a passage', { similarToChunkId: document }, 'BAD_ID', 'similarToChunkId'],
    ['a picture and words', { text: 'a', imageUploadId: upload }, 'TWO_QUERIES', 'text'],
    ['no id of an upload', { imageUploadId: passage }, 'BAD_ID', 'imageUploadId'],
    ['a picture, by words', { imageUploadId: upload, mode: 'SPARSE' }, 'MODE_NOT_POSSIBLE', 'mode'],
    ['a sound, by words', { audioUploadId: upload, mode: 'SPARSE' }, 'MODE_NOT_POSSIBLE', 'mode'],
    [
      'a picture among tables',
      { imageUploadId: upload, modalities: ['TABLE'] },
      'NOT_COMPARABLE',
      'imageUploadId',
    ],
    [
      'a sound among pictures',
      { audioUploadId: upload, modalities: ['IMAGE', 'TEXT'] },
      'NOT_COMPARABLE',
      'audioUploadId',
    ],
    ['like a passage, by words', { similarToChunkId: passage, mode: 'SPARSE' }, 'MODE_NOT_POSSIBLE', 'mode'],
    ['a cursor of nothing', { text: 'a', after: '😀' }, 'BAD_CURSOR', 'after'],
    ['a made-up cursor', { text: 'a', after: writeCursor(5, '0123456789abcdef') }, 'BAD_CURSOR', 'after'],
    [
      'no id of a document',
      { text: 'a', filter: { documentIds: ["' or 1=1"] } },
      'BAD_ID',
      'filter.documentIds',
    ],
    ['an empty list', { text: 'a', filter: { authors: [] } }, 'EMPTY_LIST', 'filter.authors'],
    ['an empty range', { text: 'a', filter: { year: {} } }, 'EMPTY_RANGE', 'filter.year'],
    ['a range backwards', { text: 'a', filter: { year: { from: 2, to: 1 } } }, 'EMPTY_RANGE', 'filter.year'],
    [
      'no instant',
      { text: 'a', filter: { publishedAt: { from: 'yesterday' } } },
      'BAD_DATE_TIME',
      'filter.publishedAt.from',
    ],
    [
      'instants backwards',
      {
        text: 'a',
        filter: { publishedAt: { from: '2021-01-01T00:00:00Z', before: '2020-01-01T00:00:00Z' } },
      },
      'EMPTY_RANGE',
      'filter.publishedAt',
    ],
    ['an empty condition', { text: 'a', filter: { not: {} } }, 'EMPTY_CONDITION', 'filter.not'],
    ['no alternatives', { text: 'a', filter: { or: [] } }, 'EMPTY_LIST', 'filter.or'],
    ['a path without an operator', condition({}), 'NO_OPERATOR', 'filter.metadata[0]'],
    [
      'a path with a quote',
      condition({ exists: true }, "a'b"),
      'BAD_METADATA_PATH',
      'filter.metadata[0].path',
    ],
    [
      'a path with an empty key',
      condition({ exists: true }, 'a..b'),
      'BAD_METADATA_PATH',
      'filter.metadata[0].path',
    ],
    ['a list as a value', condition({ equals: [1] }), 'BAD_METADATA_VALUE', 'filter.metadata[0].equals'],
    ['an object among values', condition({ in: [1, {}] }), 'BAD_METADATA_VALUE', 'filter.metadata[0].in'],
    ['no values', condition({ in: [] }), 'BAD_METADATA_VALUE', 'filter.metadata[0].in'],
    ['there and not there', condition({ exists: false, equals: 1 }), 'CONTRADICTION', 'filter.metadata[0]'],
  ];
  it.each(cases)('%s', (_, input, reason, field) => {
    const refused = refusal(input);
    expect(refused).toMatchObject({ reason, field });
    expect(refused.message).toMatch(/\.$/);
  });

  it('says what is allowed', () => {
    expect(refusal({ text: 'a', first: 100_000 }).message).toBe('`first` is 100000; it must be 1 to 200.');
  });

  it('a filter that is nested too deep, or too large', () => {
    const nest = (depth: number): SearchFilter =>
      depth === 0 ? { containsPii: true } : { not: nest(depth - 1) };
    expect(filtered(nest(7))).not.toBeNull();
    expect(refusal({ text: 'a', filter: nest(8) }).reason).toBe('FILTER_TOO_DEEP');
    const or = Array.from({ length: 300 }, () => ({ containsPii: true }));
    expect(refusal({ text: 'a', filter: { or } }).reason).toBe('FILTER_TOO_LARGE');
    const authors = Array.from({ length: 1_001 }, String);
    expect(refusal({ text: 'a', filter: { authors } }).reason).toBe('LIST_TOO_LONG');
  });

  it('a cursor of another search, but not one of the same with another page size', () => {
    const { fingerprint } = planned({ text: 'wings', first: 5 });
    const after = writeCursor(5, fingerprint);
    expect(planned({ text: 'wings', first: 50, after }).offset).toBe(5);
    for (const other of [
      { text: 'wing' },
      { text: 'wings', mode: 'DENSE' },
      { text: 'wings', perDocument: 1 },
      { text: 'wings', filter: { containsPii: true } },
      { text: 'wings', modalities: ['TEXT'] },
    ] satisfies SearchInput[]) {
      expect(refusal({ ...other, after }).message).toContain('another search');
    }
    expect(() => planned({ text: 'wings', after }, 'other')).toThrow('another search');
  });
});

describe('plan: what it decides', () => {
  it('searches text by meaning and by words, and says why not the rest', () => {
    const { sources, skipped } = planned({ text: 'words' });
    expect(sources.map(({ modality, method }) => `${modality}/${method}`)).toEqual([
      'TEXT/DENSE',
      'TEXT/SPARSE',
    ]);
    expect(skipped).toHaveLength(12);
    expect(new Set(skipped.map(({ reason }) => reason))).toEqual(
      new Set([
        'There is nothing of this kind to search.',
        'How something sounds is searched for with a sound.',
      ]),
    );
  });

  const namesOf = (input: SearchInput) =>
    planned(input, 'acme', everything).sources.map(
      ({ modality, space, method }) => `${modality} ${space} ${method}`,
    );

  it('searches every modality in each of its spaces', () => {
    expect(namesOf({ text: 'words' })).toEqual([
      ...['TEXT TEXT DENSE', 'TEXT TEXT SPARSE'],
      ...['IMAGE TEXT DENSE', 'IMAGE TEXT SPARSE', 'IMAGE VISUAL DENSE'],
      ...['AUDIO TEXT DENSE', 'AUDIO TEXT SPARSE'],
      ...['VIDEO TEXT DENSE', 'VIDEO TEXT SPARSE', 'VIDEO VISUAL DENSE'],
      ...['TABLE TEXT DENSE', 'TABLE TEXT SPARSE'],
    ]);
    expect(namesOf({ imageUploadId: upload })).toEqual(['IMAGE VISUAL DENSE', 'VIDEO VISUAL DENSE']);
    expect(namesOf({ audioUploadId: upload })).toEqual(['AUDIO SOUND DENSE', 'VIDEO SOUND DENSE']);
    expect(namesOf({ similarToChunkId: passage })).toEqual([
      ...['TEXT', 'IMAGE', 'AUDIO', 'VIDEO', 'TABLE'].map((modality) => `${modality} TEXT DENSE`),
    ]);
  });

  it('looks at edge-detected copies beside the pictures themselves', () => {
    const { sources } = planned({ imageUploadId: upload }, 'acme', everything);
    expect(sources.map(({ modality, edges }) => [modality, edges?.family, edges !== undefined])).toEqual([
      ['IMAGE', 'image', true],
      ['VIDEO', undefined, false],
    ]);
    expect(sources[0]?.edges?.fingerprint).not.toBe(sources[0]?.collection.fingerprint);
  });

  it('says which spaces have no encoder, where there is something to be found in them', () => {
    const missing = { ...spaces, VISUAL: { kind: 'missing', reason: 'No encoder.' } } as const;
    const visual = (has: Searchable['has']) =>
      planned({ text: 'words' }, 'acme', { spaces: missing, has }).skipped.filter(
        ({ modality, space }) => modality === 'IMAGE' && space === 'VISUAL',
      );
    expect(visual(['TEXT', 'IMAGE'])).toMatchObject([{ status: 'UNAVAILABLE', reason: 'No encoder.' }]);
    expect(visual(['TEXT'])).toMatchObject([{ status: 'SKIPPED' }]);
  });

  it('heeds mode and modalities', () => {
    const { sources, skipped } = planned({ text: 'words', mode: 'DENSE', modalities: ['TEXT', 'IMAGE'] });
    expect(sources).toHaveLength(1);
    expect(skipped.find(({ modality, method }) => modality === 'TEXT' && method === 'SPARSE')?.reason).toBe(
      'Not wanted: the mode is DENSE.',
    );
    expect(skipped.find(({ modality }) => modality === 'AUDIO')?.reason).toContain('Not wanted');
    expect(planned({ similarToChunkId: passage }).sources.map(({ method }) => method)).toEqual(['DENSE']);
  });

  it('takes null for what was left out', () => {
    const nothing = {
      first: null,
      filter: null,
      mode: null,
      after: null,
      deadlineMs: null,
      perDocument: null,
    };
    expect(planned({ text: 'words', ...nothing, modalities: null })).toEqual(planned({ text: 'words' }));
    expect(planned({ text: 'words' })).toMatchObject({ first: 10, offset: 0, deadlineMs: now + 10_000 });
  });

  it('ends paging at the thousandth hit', () => {
    const { fingerprint } = planned({ text: 'words' });
    expect(planned({ text: 'words', first: 200, after: writeCursor(900, fingerprint) }).first).toBe(100);
    expect(planned({ text: 'words', first: 200, after: writeCursor(1_000, fingerprint) }).first).toBe(0);
  });

  it('compiles a filter', () => {
    expect(filtered({})).toBeNull();
    expect(filtered({ year: { from: 1990 } })).toEqual({ kind: 'yearRange', from: 1990, to: null });
    expect(
      filtered({
        documentIds: [document],
        tagsAll: ['a'],
        or: [{ sources: ['s'] }, { not: { tagsAny: ['b'], containsPii: false } }],
        metadata: [
          { path: 'project.phase', in: ['x', 2, true] },
          { path: 'n', greaterThan: 1, atMost: 2.5 },
          { path: 'gone', exists: false },
        ],
      }),
    ).toEqual({
      kind: 'and',
      filters: [
        { kind: 'documentIn', documentIds: [document] },
        { kind: 'tagsAll', tags: ['a'] },
        { kind: 'metadataIn', path: ['project', 'phase'], values: ['x', 2, true] },
        {
          kind: 'and',
          filters: [
            { kind: 'metadataCompare', path: ['n'], operator: '>', value: 1 },
            { kind: 'metadataCompare', path: ['n'], operator: '<=', value: 2.5 },
          ],
        },
        { kind: 'not', filter: { kind: 'metadataExists', path: ['gone'] } },
        {
          kind: 'or',
          filters: [
            { kind: 'sourceIn', sources: ['s'] },
            {
              kind: 'not',
              filter: {
                kind: 'and',
                filters: [
                  { kind: 'tagsAny', tags: ['b'] },
                  { kind: 'containsPii', value: false },
                ],
              },
            },
          ],
        },
      ],
    });
  });
});
