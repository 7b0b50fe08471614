import { z } from 'zod';
import { modalities } from './plan-sources.ts';
import { type Calibration, type Ranking, searchMethods, stageNames, tiers, vectorSpaces } from './types.ts';

const modality = z.enum(modalities);
const maybe = z.number().nullable();

/** What is remembered of a search, never a text in it. Names that come again and again are written once: a list of 200 hits has at most 35 KB, and 20 KB more where scores were calibrated. */
const packedSchema = z.object({
  documents: z.array(z.string()),
  lists: z.array(z.string()),
  /** Space, method, mean and deviation of what has nothing to do with the query. */
  backgrounds: z.array(z.tuple([z.enum(vectorSpaces), z.enum(searchMethods), z.number(), z.number()])),
  hits: z.array(
    z.tuple([
      z.string(),
      z.int().nonnegative(),
      modality,
      // Score, dense, sparse, visual, sound, fused, relevance, boost.
      z.tuple([z.number(), maybe, maybe, maybe, maybe, z.number(), maybe, z.number()]),
      z.array(z.int().positive().nullable()),
      // The place of a background, the score, and what it was calibrated to.
      z.array(z.tuple([z.int().nonnegative(), z.number(), z.number()])),
    ]),
  ),
  coverage: z.array(
    z.object({
      modality,
      space: z.enum(vectorSpaces),
      method: z.enum(searchMethods),
      tier: z.enum(tiers),
      status: z.enum(['SEARCHED', 'SKIPPED', 'TIMED_OUT', 'UNAVAILABLE']),
      candidates: z.int().nonnegative(),
      tookMs: z.number(),
      reason: z.string().nullable(),
    }),
  ),
  stages: z.array(z.object({ stage: z.enum(stageNames), tookMs: z.number() })),
});

export type PackedRanking = z.infer<typeof packedSchema>;

/** A ranking as it is remembered: plain JSON. */
export function packRanking({ ranked, coverage, stages }: Ranking): PackedRanking {
  const documents = [...new Set(ranked.map(({ documentId }) => documentId))];
  const places = new Map(documents.map((documentId, place) => [documentId, place]));
  const lists = [...new Set(ranked.flatMap(({ ranks }) => Object.keys(ranks)))];
  const backgrounds: PackedRanking['backgrounds'] = [];
  const backgroundPlaces = new Map<string, number>();
  const placeOf = ({ space, method, mean, deviation }: Calibration): number => {
    const key = `${space} ${method} ${mean} ${deviation}`;
    const known = backgroundPlaces.get(key);
    if (known !== undefined) return known;
    backgroundPlaces.set(key, backgrounds.length);
    return backgrounds.push([space, method, mean, deviation]) - 1;
  };
  return {
    documents,
    lists,
    backgrounds,
    hits: ranked.map((hit) => [
      hit.chunkId,
      places.get(hit.documentId) ?? 0,
      hit.modality,
      [
        ...([hit.score, hit.dense, hit.sparse, hit.visual] as const),
        ...([hit.sound, hit.fused, hit.relevance, hit.boost] as const),
      ],
      lists.map((list) => hit.ranks[list] ?? null),
      hit.calibrations.map((each) => [placeOf(each), each.score, each.calibrated]),
    ]),
    coverage: coverage.map((source) => ({ ...source })),
    stages: stages.map((stage) => ({ ...stage })),
  };
}

/** @throws Error where it is no ranking that was packed. */
export function parsePacked(value: unknown): PackedRanking {
  const packed = packedSchema.parse(value);
  const { documents, lists, backgrounds, hits } = packed;
  const isStrange = hits.some(
    ([, place, , , ranks, calibrations]) =>
      place >= documents.length ||
      ranks.length !== lists.length ||
      calibrations.some(([background]) => background >= backgrounds.length),
  );
  if (isStrange) throw new Error('A remembered hit is of no document, or in lists that are not there.');
  return packed;
}

/** What was packed. */
export function unpackRanking(packed: PackedRanking): Ranking {
  const { documents, lists, backgrounds, hits, coverage, stages } = packed;
  return {
    coverage,
    stages,
    ranked: hits.map(([chunkId, place, hitModality, scores, ranks, calibrations]) => {
      const [score, dense, sparse, visual, sound, fused, relevance, boost] = scores;
      return {
        ...{ chunkId, documentId: documents[place] ?? '', modality: hitModality },
        ...{ score, dense, sparse, visual, sound, fused, relevance, boost },
        ranks: Object.fromEntries(
          lists.flatMap((list, index) => {
            const rank = ranks[index];
            return rank === undefined || rank === null ? [] : [[list, rank]];
          }),
        ),
        calibrations: calibrations.flatMap(([index, found, calibrated]): Calibration[] => {
          const background = backgrounds[index];
          if (background === undefined) return [];
          const [space, method, mean, deviation] = background;
          return [{ space, method, score: found, mean, deviation, calibrated }];
        }),
      };
    }),
  };
}
