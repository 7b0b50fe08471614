import type { Logger } from '../../platform/logger.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Encoder } from '../../platform/ports/encoder.ts';
import type { VectorStore } from '../../platform/ports/vector-store.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { encode } from './encode.ts';
import { defaultFeedback } from './expand-query.ts';
import { type ModalityWeights, rank } from './fuse.ts';
import { hydrate } from './hydrate.ts';
import { plan } from './plan.ts';
import type { SearchInput } from './schema.generated.ts';
import { search } from './search.ts';
import type { Hits, Plan, Question, SourceCoverage, StageTiming } from './types.ts';

/** What a search needs. */
export interface PipelineDependencies {
  readonly database: Database;
  readonly vectors: VectorStore;
  readonly encoder: Encoder;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The factor by which hits of a modality weigh. */
  readonly weights: ModalityWeights;
}

/** A page of hits, and how it came about. */
export interface Answer extends Hits {
  readonly plan: Plan;
  readonly coverage: readonly SourceCoverage[];
  readonly stages: readonly StageTiming[];
  readonly tookMs: number;
}

/** What is kept of the time for putting the page together: a tenth of it, and at most this. */
const maxReserveMs = 250;

/**
 * One search, from a question to a page of hits: plan → encode → search (by meaning ‖ by words, per modality)
 * → fuse → hydrate. Searching by words does not wait for the query to be encoded.
 *
 * @throws TributaryError as the stages do; the question's signal's reason when it is aborted.
 */
export async function runPipeline(
  question: Question<SearchInput>,
  dependencies: PipelineDependencies,
): Promise<Answer> {
  const { database, vectors, encoder, clock, logger, weights } = dependencies;
  const { signal } = question;
  const startedAt = performance.now();
  const took = new Map<StageTiming['stage'], number>();
  async function timed<T>(stage: StageTiming['stage'], work: () => T | Promise<T>): Promise<T> {
    const stageStartedAt = performance.now();
    try {
      return await work();
    } finally {
      took.set(stage, performance.now() - stageStartedAt);
    }
  }

  const collections = { TEXT: { family: 'text', fingerprint: encoder.description.fingerprint } } as const;
  const planned = await timed('plan', () => plan(question, collections, clock.now()));
  const leftMs = Math.max(1, planned.deadlineMs - clock.now());
  const timeoutMs = Math.max(1, leftMs - Math.min(maxReserveMs, leftMs / 10));

  // Encoded once, when the first source asks for it.
  let vector: Promise<Float32Array> | null = null;
  const encodeSignal = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(timeoutMs))]);
  const queryVector = () => {
    vector ??= timed('encode', () => encode(planned, { encoder, vectors, database }, encodeSignal));
    return vector;
  };

  const candidates = await timed('search', () =>
    search(
      planned,
      queryVector,
      { vectors, database, logger, feedback: defaultFeedback },
      Math.ceil(timeoutMs),
      signal,
    ),
  );
  const ranked = await timed('fuse', () => rank(candidates.lists, planned, weights));
  const page = await timed('hydrate', () => hydrate(ranked, planned, database, signal));
  return {
    ...page,
    plan: planned,
    coverage: candidates.coverage,
    stages: (['plan', 'encode', 'search', 'fuse', 'hydrate'] as const).flatMap((stage) => {
      const tookMs = took.get(stage);
      return tookMs === undefined ? [] : [{ stage, tookMs }];
    }),
    tookMs: performance.now() - startedAt,
  };
}
