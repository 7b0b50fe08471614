import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VectorStore } from '../../platform/ports/vector-store.ts';
import type { VisualEncoder } from '../../platform/ports/visual-encoder.ts';
import { type ColourName, paint, palette } from '../../platform/testing/colour-encoder.ts';
import { eventually } from '../../platform/testing/eventually.ts';
import type { SearchResult } from './schema.generated.ts';
import { chunkId, found, type Library, openLibrary, type SearchOptions } from './testing/library.ts';
import { play } from './testing/pitch-encoder.ts';

const colours = Object.keys(palette) as ColourName[];

let library: Library;
beforeAll(async () => {
  library = await openLibrary();
  await library.add([
    {
      name: 'manual',
      passages: [
        'The seal of the feed pump is replaced every two thousand hours.',
        'Bearings of the feed pump are greased weekly.',
        'The operator signs the log before the shift ends.',
        'Visitors wear a helmet and glasses in the hall.',
      ],
    },
    { name: 'canteen', passages: ['Soup is served at noon.', 'Bread is baked in the morning.'] },
  ]);
  await library.addPieces([
    ...colours.flatMap((left) =>
      colours
        .filter((right) => right > left)
        .map((right) => ({
          name: `picture-${left}-${right}`,
          pieces: [{ modality: 'IMAGE', picture: paint(left, right) } as const],
        })),
    ),
    {
      name: 'plan',
      pieces: [
        { modality: 'IMAGE', picture: paint('white'), edges: paint('yellow'), text: 'Wiring of the hoist' },
      ],
    },
    {
      name: 'handover',
      pieces: [
        { modality: 'AUDIO', sound: play(440), text: 'the coupling of the mixer makes a noise' },
        { modality: 'AUDIO', sound: play(1760), text: 'so good night everyone' },
      ],
    },
    {
      name: 'walkthrough',
      pieces: [
        { modality: 'VIDEO', picture: paint('green'), text: 'here you see the valve of the boiler' },
        { modality: 'VIDEO', sound: play(880) },
      ],
    },
    { name: 'parts', pieces: [{ modality: 'TABLE', text: 'part: gasket, price: 12.5, stock: 4' }] },
  ]);
});
afterAll(() => library[Symbol.asyncDispose]());

const best = (result: SearchResult) => result.hits.edges[0]?.node;
const sourcesOf = (result: SearchResult, status?: string) =>
  result.coverage.sources
    .filter((source) => status === undefined || source.status === status)
    .map(({ modality, space, method }) => `${modality} ${space} ${method}`);

describe('a search with words', () => {
  it.each([
    ['TEXT', 'seal of the feed pump', chunkId('manual', 0)],
    ['AUDIO', 'noise of the mixer coupling', chunkId('handover', 0)],
    ['VIDEO', 'valve of the boiler', chunkId('walkthrough', 0)],
    ['TABLE', 'gasket price', chunkId('parts', 0)],
    ['IMAGE', 'wiring of the hoist', chunkId('plan', 0)],
    ['IMAGE', 'red blue', chunkId('picture-blue-red', 0)],
  ])('finds what answers it in %s: %s', async (_, text, id) => {
    const result = await library.search({ text });
    expect(found(result)[0]).toBe(id);
    expect(result.coverage.complete).toBe(true);
  });

  it('says which spaces were searched, and why others were not', async () => {
    const result = await library.search({ text: 'seal' });
    expect(sourcesOf(result, 'SEARCHED')).toEqual([
      ...['TEXT TEXT DENSE', 'TEXT TEXT SPARSE'],
      ...['IMAGE TEXT DENSE', 'IMAGE TEXT SPARSE', 'IMAGE VISUAL DENSE'],
      ...['AUDIO TEXT DENSE', 'AUDIO TEXT SPARSE'],
      ...['VIDEO TEXT DENSE', 'VIDEO TEXT SPARSE', 'VIDEO VISUAL DENSE'],
      ...['TABLE TEXT DENSE', 'TABLE TEXT SPARSE'],
    ]);
    expect(sourcesOf(result, 'SKIPPED')).toEqual(['AUDIO SOUND DENSE', 'VIDEO SOUND DENSE']);
  });

  it('does not put the best picture before a passage that answers', async () => {
    const result = await library.search({ text: 'bearings greased weekly' });
    const place = (modality: string) =>
      result.hits.edges.findIndex(({ node }) => node.parts.visual !== null && modality === 'IMAGE');
    expect(found(result)[0]).toBe(chunkId('manual', 1));
    expect(place('IMAGE')).toBeGreaterThan(0);
    const picture = result.hits.edges[place('IMAGE')]?.node;
    expect(picture?.parts.relevance).toBeLessThan(0.3);
    expect(best(result)?.parts.relevance).toBeGreaterThan(0.8);
  });

  it('shows how scores were made comparable', async () => {
    const { parts, score } = best(await library.search({ text: 'blue red', explain: true })) ?? {};
    expect(parts?.ranks).toMatchObject({ 'IMAGE/VISUAL/DENSE': 1 });
    const visual = parts?.calibrations.find(({ space }) => space === 'VISUAL');
    expect(visual).toMatchObject({ method: 'DENSE', score: parts?.visual });
    expect(visual?.mean).toBeLessThan(visual?.score ?? 0);
    expect(visual?.deviation).toBeGreaterThan(0);
    expect(visual?.calibrated).toBeGreaterThan(0.5);
    expect(score).toBeCloseTo((parts?.relevance ?? 0) * (parts?.boost ?? 0), 12);
    const silent = best(await library.search({ text: 'blue red' }));
    expect(silent?.parts).toMatchObject({ ranks: null, calibrations: [] });
  });

  it('leaves one kind of passages in the order of their ranks', async () => {
    const alone = await library.search({ text: 'feed pump', modalities: ['TEXT'] });
    expect(best(alone)?.score).toBe(best(alone)?.parts.fused);
    expect(best(alone)?.parts.relevance).toBeNull();
    const among = await library.search({ text: 'feed pump', first: 50 });
    const texts = new Set(found(alone));
    expect(found(among).filter((id) => texts.has(id))).toEqual(found(alone));
  });

  it('is remembered with all that was said of it', async () => {
    await using own = await openLibrary({ maxCacheBytes: 1024 * 1024 });
    await own.add([{ name: 'manual', passages: ['The pump is red.'] }]);
    await own.addPieces([{ name: 'photo', pieces: [{ modality: 'IMAGE', picture: paint('red') }] }]);
    const input = { text: 'red pump', explain: true };
    const [made, again] = [await own.search(input), await own.search(input)];
    expect([made.cache, again.cache]).toEqual(['MISS', 'HIT']);
    expect(again.hits).toEqual(made.hits);
    expect(again.coverage).toEqual(made.coverage);
  });
});

describe('a view of a passage', () => {
  it('stands for the passage, which is found once', async () => {
    const ofWords = await library.search({ text: 'wiring hoist', modalities: ['IMAGE'], explain: true });
    expect(found(ofWords)[0]).toBe(chunkId('plan', 0));
    expect(ofWords.hits.edges[0]?.node.highlights).toHaveLength(2);
    expect(new Set(found(ofWords)).size).toBe(found(ofWords).length);
    expect(best(ofWords)?.parts.ranks).toMatchObject({ 'IMAGE/DENSE': 1, 'IMAGE/SPARSE': 1 });
  });

  it('is an edge-detected copy, too, and the better of the two counts', async () => {
    const edges = await library.search({ text: 'yellow', modalities: ['IMAGE'], first: 50 });
    const plan = edges.hits.edges.find(({ node }) => node.chunk?.id === chunkId('plan', 0));
    const white = await library.search({ text: 'white', modalities: ['IMAGE'], first: 50 });
    const same = white.hits.edges.find(({ node }) => node.chunk?.id === chunkId('plan', 0));
    expect(plan?.node.parts.visual).toBeGreaterThan(0.8);
    expect(same?.node.parts.visual).toBeGreaterThan(0.8);
    expect(found(edges).filter((id) => id === chunkId('plan', 0))).toHaveLength(1);
  });
});

describe('passages like one', () => {
  it('are like its words, what it shows, or how it sounds', async () => {
    const looks = await library.search({ similarToChunkId: chunkId('walkthrough', 0), first: 5 });
    expect(sourcesOf(looks, 'SEARCHED')).toEqual(['IMAGE VISUAL DENSE', 'VIDEO VISUAL DENSE']);
    expect(found(looks)[0]).toMatch(/^chk_/);
    expect(found(looks).slice(0, 5)).toEqual(
      expect.arrayContaining([chunkId('picture-black-green', 0), chunkId('picture-green-red', 0)]),
    );
    expect(found(looks)).not.toContain(chunkId('walkthrough', 0));
    const sounds = await library.search({ similarToChunkId: chunkId('handover', 0) });
    expect(sourcesOf(sounds, 'SEARCHED')).toEqual(['AUDIO SOUND DENSE', 'VIDEO SOUND DENSE']);
    expect(found(sounds)[0]).toBe(chunkId('walkthrough', 1));
    const words = await library.search({ similarToChunkId: chunkId('manual', 0) });
    expect(sourcesOf(words, 'SEARCHED')).toHaveLength(5);
    const similarToChunkId = chunkId('manual', 0);
    const prose = await library.search({ similarToChunkId, modalities: ['TEXT'] });
    expect(found(prose).slice(0, 2)).toContain(chunkId('manual', 1));
  });

  it('are refused where nothing wanted could be compared', async () => {
    const input = { similarToChunkId: chunkId('handover', 0), modalities: ['IMAGE'] } as const;
    await expect(library.search(input)).rejects.toMatchObject({ reason: 'NOT_COMPARABLE' });
  });
});

describe('weights', () => {
  const weighed: SearchOptions = {
    with: { weights: { TEXT: 1, IMAGE: 1.2, AUDIO: 0.9 }, askedImageWeight: 1.5 },
  };
  const boostOf = async (text: string, modality: string) => {
    const result = await library.search({ text, modalities: ['IMAGE', 'AUDIO'], first: 60 }, weighed);
    const hit = result.hits.edges.find(({ node }) => (node.parts.visual !== null) === (modality === 'IMAGE'));
    return hit?.node.parts.boost;
  };

  it('are those of the modality, and more for pictures where one is asked for', async () => {
    expect(await boostOf('hoist', 'IMAGE')).toBe(1.2);
    expect(await boostOf('hoist', 'AUDIO')).toBe(0.9);
    expect(await boostOf('the wiring diagram of the hoist', 'IMAGE')).toBe(1.5);
    expect(await boostOf('the wiring diagram of the hoist', 'AUDIO')).toBe(0.9);
  });
});

describe('a space that cannot be searched', () => {
  const visualOf = (result: SearchResult) =>
    result.coverage.sources.filter(({ space, tier }) => space === 'VISUAL' && tier === 'HOT');
  const failing = (change: Partial<VisualEncoder>): SearchOptions => ({
    with: { visualEncoder: async () => ({ ...library.visual, ...change }) },
  });
  const hangs = () => new Promise<never>(() => {});

  it('has no encoder here: the others answer, and it is said', async () => {
    const result = await library.search(
      { text: 'seal of the feed pump' },
      { with: { visualEncoder: async () => null } },
    );
    expect(found(result)[0]).toBe(chunkId('manual', 0));
    expect(result.coverage.complete).toBe(false);
    expect(visualOf(result)).toMatchObject([
      { status: 'UNAVAILABLE', reason: expect.stringContaining('No visual encoder') },
      { status: 'UNAVAILABLE' },
    ]);
  });

  it('is not missed by those who have nothing in it', async () => {
    await using own = await openLibrary();
    await own.add([{ name: 'manual', passages: ['The pump is red.'] }]);
    let opened = 0;
    const visualEncoder = async () => {
      opened++;
      return null;
    };
    const result = await own.search({ text: 'pump' }, { with: { visualEncoder } });
    expect(result.coverage.complete).toBe(true);
    expect(visualOf(result).map(({ status, reason }) => [status, reason])).toEqual([
      ['SKIPPED', 'There is nothing of this kind to search.'],
      ['SKIPPED', 'There is nothing of this kind to search.'],
    ]);
    expect(opened).toBe(0);
  });

  it.each([
    ['fails', { with: { visualEncoder: () => Promise.reject(new Error('out of memory at 10.0.0.7')) } }],
    ['fails to encode', failing({ encodeTexts: () => Promise.reject(new Error('at 10.0.0.7')) })],
  ])('%s: the others answer, and it is said', async (_, options) => {
    const result = await library.search({ text: 'seal of the feed pump' }, options as SearchOptions);
    expect(found(result)[0]).toBe(chunkId('manual', 0));
    expect(visualOf(result).map(({ status }) => status)).toEqual(['UNAVAILABLE', 'UNAVAILABLE']);
    expect(JSON.stringify(result)).not.toContain('10.0.0.7');
  });

  it.each([
    ['hangs while it is loaded', { with: { visualEncoder: hangs } }],
    ['hangs while it encodes', failing({ encodeTexts: hangs })],
    ['hangs while strangers are measured', failing({ encodePictures: hangs })],
  ])('%s: the others answer in time', async (_, options) => {
    const input = { text: 'seal of the feed pump', deadlineMs: 2_500 };
    const result = await library.search(input, options as SearchOptions);
    expect(found(result)[0]).toBe(chunkId('manual', 0));
  });

  it('is down in the store: the others answer, and it is said', async () => {
    const down = (vectors: VectorStore): VectorStore =>
      new Proxy(vectors, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          return (...given: unknown[]) => {
            const [query] = given as [{ collection?: { family?: string } }];
            if (query?.collection?.family === 'image') return Promise.reject(new Error('no route'));
            return Reflect.apply(value, target, given);
          };
        },
      });
    const result = await library.search({ text: 'seal of the feed pump' }, { vectors: down });
    expect(found(result)[0]).toBe(chunkId('manual', 0));
    expect(visualOf(result).map(({ status }) => status)).toEqual(['UNAVAILABLE', 'UNAVAILABLE']);
    const failFast = { text: 'seal', partial: 'FAIL_FAST' } as const;
    await expect(library.search(failFast, { vectors: down })).rejects.toMatchObject({
      code: 'UPSTREAM',
      publicMessage: expect.stringContaining('could not be searched by what is shown'),
    });
  });

  it('lacks vectors of some documents: that is said, until they are made', async () => {
    await using own = await openLibrary();
    await own.addPieces([
      { name: 'seen', pieces: [{ modality: 'IMAGE', picture: paint('red') }] },
      {
        name: 'unseen',
        pieces: [{ modality: 'IMAGE', picture: paint('red') }],
        lacks: ['visual-encoder'],
      },
    ]);
    const search = () => own.search({ text: 'red' });
    expect(visualOf(await search())).toMatchObject([
      { status: 'SEARCHED', reason: expect.stringMatching(/^1 document is without vectors/) },
      { status: 'SKIPPED' },
    ]);
    // Its name is found all the same.
    expect(found(await own.search({ text: 'unseen' }))[0]).toBe(chunkId('unseen', 0));
    await own.database.forTenant('acme', (client) =>
      client.query(`update document_versions set lacks = '{}'`),
    );
    await eventually(async () => expect(visualOf(await search())[0]?.reason).toBeNull());
  });
});
