import { z } from 'zod';
import { modalities } from './plan.ts';
import { type Ranking, searchMethods, stageNames, tiers } from './types.ts';

const modality = z.enum(modalities);

/** What is remembered of a search, never a text in it. Names that come again and again are written once: a list of 200 hits has at most 35 KB. */
const packedSchema = z.object({
  documents: z.array(z.string()),
  lists: z.array(z.string()),
  hits: z.array(
    z.tuple([
      z.string(),
      z.int().nonnegative(),
      modality,
      // Score, dense, sparse, fused, boost.
      z.tuple([z.number(), z.number().nullable(), z.number().nullable(), z.number(), z.number()]),
      z.array(z.int().positive().nullable()),
    ]),
  ),
  coverage: z.array(
    z.object({
      modality,
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
  return {
    documents,
    lists,
    hits: ranked.map((hit) => [
      hit.chunkId,
      places.get(hit.documentId) ?? 0,
      hit.modality,
      [hit.score, hit.dense, hit.sparse, hit.fused, hit.boost],
      lists.map((list) => hit.ranks[list] ?? null),
    ]),
    coverage: coverage.map((source) => ({ ...source })),
    stages: stages.map((stage) => ({ ...stage })),
  };
}

/** @throws Error where it is no ranking that was packed. */
export function parsePacked(value: unknown): PackedRanking {
  const packed = packedSchema.parse(value);
  const { documents, lists, hits } = packed;
  if (hits.some(([, place, , , ranks]) => place >= documents.length || ranks.length !== lists.length)) {
    throw new Error('A remembered hit is of no document, or in lists that are not there.');
  }
  return packed;
}

/** What was packed. */
export function unpackRanking({ documents, lists, hits, coverage, stages }: PackedRanking): Ranking {
  return {
    coverage,
    stages,
    ranked: hits.map(([chunkId, place, hitModality, [score, dense, sparse, fused, boost], ranks]) => {
      return {
        ...{ chunkId, documentId: documents[place] ?? '', modality: hitModality },
        ...{ score, dense, sparse, fused, boost },
        ranks: Object.fromEntries(
          lists.flatMap((list, index) => {
            const rank = ranks[index];
            return rank === undefined || rank === null ? [] : [[list, rank]];
          }),
        ),
      };
    }),
  };
}
