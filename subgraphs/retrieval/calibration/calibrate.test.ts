import { describe, expect, it } from 'vitest';
import { createColourEncoder } from '../../../platform/testing/colour-encoder.ts';
import { createHashEncoder } from '../../../platform/testing/hash-encoder.ts';
import { silentLogger } from '../../../platform/testing/silent-logger.ts';
import type { Modality } from '../../../platform/types.ts';
import { fuse } from '../fuse.ts';
import { createPitchEncoder, play } from '../testing/pitch-encoder.ts';
import type { Background, CandidateList, SearchMethod, VectorSpace } from '../types.ts';
import { calibrate, deviationsOf, logistic } from './calibrate.ts';
import { createCohorts } from './cohorts.ts';
import { neverRising } from './isotonic.ts';

const list = (
  modality: Modality,
  space: VectorSpace,
  method: SearchMethod,
  scores: readonly number[],
  background: Background = { mean: 0, deviation: 0.06 },
): CandidateList => ({
  source: { modality, space, method, tier: 'HOT', collection: { family: 'text', fingerprint: '0' } },
  candidates: scores.map((score, index) => ({
    chunkId: `${modality}-${index}`,
    documentId: `document of ${modality}-${index}`,
    modality,
    score,
  })),
  ...(method === 'DENSE' ? { background } : {}),
});

/** So many scores that fall evenly. */
const falling = (count: number, from: number, to: number): number[] =>
  Array.from({ length: count }, (_, index) => from + ((to - from) * index) / Math.max(1, count - 1));

describe('values that never rise', () => {
  it('are the means of those that would', () => {
    expect(neverRising([5, 3, 4, 1])).toEqual([5, 3.5, 3.5, 1]);
    expect(neverRising([1, 2, 3])).toEqual([2, 2, 2]);
    expect(neverRising([3, 2, 1])).toEqual([3, 2, 1]);
    expect(neverRising([])).toEqual([]);
  });
});

describe('the background of a list', () => {
  const zOf = (lists: readonly CandidateList[], score: number): number => {
    const [first] = calibrate(lists);
    return deviationsOf(score, first?.background ?? { mean: 0, deviation: 1 });
  };

  it('is that of strangers in a small list, and its own tail in a long one', () => {
    const [few] = calibrate([list('TEXT', 'TEXT', 'DENSE', [0.6, 0.5, 0.4])]);
    expect(few?.background.mean).toBeLessThan(0.08);
    const [many] = calibrate([list('TEXT', 'TEXT', 'DENSE', falling(300, 0.6, 0.1))]);
    expect(many?.background.mean).toBeGreaterThan(0.25);
    expect(many?.background.deviation).toBeGreaterThan(0.06);
  });

  it('is never below that of strangers: in a library about something else nothing stands out', () => {
    const elsewhere = [list('TEXT', 'TEXT', 'DENSE', [0.18, ...falling(300, 0.02, -0.08)])];
    expect(zOf(elsewhere, 0.18)).toBeCloseTo(0.18 / 0.06, 5);
  });

  it('is not the tail of a list that is cut off', () => {
    const cut = [list('TEXT', 'TEXT', 'DENSE', falling(400, 0.7, 0.5))];
    expect(zOf(cut, 0.6)).toBeCloseTo(10, 5);
  });

  it('of words counts the passages without any', () => {
    const dense = list('TEXT', 'TEXT', 'DENSE', falling(100, 0.5, 0));
    const rare = calibrate([dense, list('TEXT', 'TEXT', 'SPARSE', [5])])[1];
    const common = calibrate([dense, list('TEXT', 'TEXT', 'SPARSE', falling(100, 5, 4))])[1];
    const z = (each: typeof rare) => deviationsOf(5, each?.background ?? { mean: 0, deviation: 1 });
    expect(z(rare)).toBeGreaterThan(8);
    expect(z(common)).toBeLessThan(2);
  });
});

describe('passages of several spaces', () => {
  const strangersOfPictures = { mean: 0.2, deviation: 0.03 };
  const texts = (best: number) => list('TEXT', 'TEXT', 'DENSE', [best, ...falling(60, 0.25, 0)]);
  const pictures = (best: number) =>
    list('IMAGE', 'VISUAL', 'DENSE', [best, ...falling(40, 0.24, 0.16)], strangersOfPictures);
  const first = (lists: readonly CandidateList[]) => fuse(lists, { IMAGE: 1.2 })[0];

  it('are ordered by how far each stands out in its own space, not by their scores', () => {
    expect(first([texts(0.6), pictures(0.26)])?.chunkId).toBe('TEXT-0');
    expect(first([texts(0.26), pictures(0.36)])?.chunkId).toBe('IMAGE-0');
  });

  it('are more likely right where two spaces say so', () => {
    const caption = list('IMAGE', 'TEXT', 'DENSE', [0.3, ...falling(40, 0.1, 0)]);
    const [both] = fuse([texts(0.4), pictures(0.3), caption], {}).filter(
      ({ modality }) => modality === 'IMAGE',
    );
    const [one] = fuse([texts(0.4), pictures(0.3)], {}).filter(({ modality }) => modality === 'IMAGE');
    expect(both).toMatchObject({ chunkId: 'IMAGE-0', visual: 0.3, dense: 0.3 });
    expect(both?.relevance).toBeGreaterThan(one?.relevance ?? 1);
    expect(both?.calibrations.map(({ space }) => space).sort()).toEqual(['TEXT', 'VISUAL']);
  });

  it('keep the order of their ranks within a space', () => {
    const dense = texts(0.6);
    const sparse = list('TEXT', 'TEXT', 'SPARSE', falling(20, 9, 1));
    const ranked = fuse([dense, { ...sparse, candidates: sparse.candidates.toReversed() }], {});
    const among = fuse([dense, { ...sparse, candidates: sparse.candidates.toReversed() }, pictures(0.3)], {});
    expect(among.filter(({ modality }) => modality === 'TEXT').map(({ chunkId }) => chunkId)).toEqual(
      ranked.map(({ chunkId }) => chunkId),
    );
  });

  it('have a relevance from 0 to 1, and a half where chance is as likely', () => {
    for (const { relevance } of fuse([texts(0.9), pictures(0.9)], {})) {
      expect(relevance).toBeGreaterThanOrEqual(0);
      expect(relevance).toBeLessThanOrEqual(1);
    }
    expect(logistic(2, 2)).toBe(0.5);
  });
});

describe('the cohort of strangers', () => {
  const encoders = {
    TEXT: createHashEncoder(),
    VISUAL: createColourEncoder(),
    SOUND: createPitchEncoder(),
  };

  it('is measured once for each encoder, for each vector by itself', async () => {
    let calls = 0;
    const VISUAL = {
      ...encoders.VISUAL,
      encodePictures(...given: Parameters<typeof encoders.VISUAL.encodePictures>) {
        calls++;
        return encoders.VISUAL.encodePictures(...given);
      },
    };
    const cohorts = createCohorts(silentLogger);
    const [white, red] = await encoders.VISUAL.encodeTexts(['white', 'red']);
    const backgrounds = await Promise.all(
      [white, red].map((vector) =>
        cohorts.backgroundOf('VISUAL', vector ?? new Float32Array(768), { ...encoders, VISUAL }, 60_000),
      ),
    );
    expect(calls).toBe(1);
    expect(backgrounds[0]?.mean).toBeGreaterThan(backgrounds[1]?.mean ?? 1);
    const [sound] = await encoders.SOUND.encode([play(440)]);
    const ofSound = await cohorts.backgroundOf('SOUND', sound ?? new Float32Array(768), encoders, 60_000);
    expect(ofSound.deviation).toBeGreaterThan(0);
  });

  it('is what is usual where it cannot be measured, and is measured later', async () => {
    let broken = true;
    const TEXT = {
      ...encoders.TEXT,
      encode: (...given: Parameters<typeof encoders.TEXT.encode>) =>
        broken ? Promise.reject(new Error('busy')) : encoders.TEXT.encode(...given),
    };
    const cohorts = createCohorts(silentLogger);
    const [vector = new Float32Array(768)] = await encoders.TEXT.encode(['pump'], 'query');
    const ask = () => cohorts.backgroundOf('TEXT', vector, { ...encoders, TEXT }, 60_000);
    const usual = await ask();
    broken = false;
    expect(await ask()).not.toEqual(usual);
  });
});
