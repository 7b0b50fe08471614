import { upstream } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import type { BlobStore } from '../../platform/ports/blob-store.ts';
import type { Cache, CacheOutcome } from '../../platform/ports/cache.ts';
import type { Clock } from '../../platform/ports/clock.ts';
import type { Encoder } from '../../platform/ports/encoder.ts';
import type { MediaDecoder } from '../../platform/ports/media-decoder.ts';
import type { Metrics } from '../../platform/ports/metrics.ts';
import type { PictureDecoder } from '../../platform/ports/picture-decoder.ts';
import type { VectorStore } from '../../platform/ports/vector-store.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { raceAbort } from '../../platform/race-abort.ts';
import type { Cohorts } from './calibration/cohorts.ts';
import type { SpaceEncoders } from './calibration/space-encoders.ts';
import type { EncoderChoice } from './choose-encoder.ts';
import { encode } from './encode.ts';
import { defaultFeedback } from './expand-query.ts';
import { type ModalityWeights, rank } from './fuse.ts';
import { hydrate } from './hydrate.ts';
import { type Opener, type OpenSpacesPorts, openSpaces } from './open-spaces.ts';
import { type PersonalData, plan, timeGiven } from './plan.ts';
import { planCold } from './plan-cold.ts';
import { type Lacking, modalities } from './plan-sources.ts';
import { readCapabilities } from './read-capabilities.ts';
import { type Corpus, readCorpus } from './read-corpus.ts';
import { type AskedQuery, parseQuery, type ReadQuery, readQuery } from './read-query.ts';
import { remember } from './remember.ts';
import type { SearchInput } from './schema.generated.ts';
import { search } from './search.ts';
import {
  type Hits,
  type Plan,
  type Question,
  type Ranking,
  type SourceCoverage,
  type StageTiming,
  stageNames,
  type VectorSpace,
} from './types.ts';
import { weighModalities } from './weigh-modalities.ts';

/** What a search needs. What is left out or null is missing here, and said to be where it is needed. */
export interface PipelineDependencies extends OpenSpacesPorts {
  readonly database: Database;
  readonly vectors: VectorStore;
  readonly encoder: Encoder;
  /** A second one, to migrate to: either can serve. */
  readonly nextEncoder?: Encoder | null;
  /** Where uploads are that are searched with. */
  readonly blobs?: () => Promise<BlobStore>;
  /** Decodes them. */
  readonly pictures?: Opener<PictureDecoder>;
  readonly media?: Opener<MediaDecoder>;
  readonly cache: Cache;
  /** How long a ranking is remembered at most, in milliseconds; not at all where it is 0. */
  readonly rankingTtlMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The factor by which hits of a modality weigh. */
  readonly weights: ModalityWeights;
  /** The factor by which pictures weigh where the question asks for one; as always by default. */
  readonly askedImageWeight?: number;
  /** Which documents are searched, by their mark; all of them by default. */
  readonly personalData?: PersonalData;
  readonly metrics?: Metrics;
  /** Whether it is noted which documents searches show, so that the others can become cold; it is not by default. */
  readonly noteUse?: boolean;
}

/** A page of hits, and how it came about. */
export interface Answer extends Hits {
  readonly plan: Plan;
  readonly coverage: readonly SourceCoverage[];
  /** What ran, in its order: of a remembered search only what every page needs. */
  readonly stages: readonly StageTiming[];
  readonly cache: CacheOutcome;
  readonly tookMs: number;
}

/** How long a search waits to hear what the vector store can do, where that is not known yet. */
const maxCapabilitiesMs = 200;

/** How long a search waits at most until it is known how strangers score in a space, which is measured once. */
const maxCohortMs = 3_000;

/** What is kept of the time for putting the page together: a tenth of it, and at most this. */
const maxReserveMs = 250;

/** Runs stages and takes their times. */
function createStopwatch() {
  const took = new Map<StageTiming['stage'], number>();
  return {
    async time<T>(stage: StageTiming['stage'], work: () => T | Promise<T>): Promise<T> {
      const startedAt = performance.now();
      try {
        return await work();
      } finally {
        // Of what is done side by side the longest counts.
        took.set(stage, Math.max(took.get(stage) ?? 0, performance.now() - startedAt));
      }
    },
    stages: (): StageTiming[] =>
      stageNames.flatMap((stage) => {
        const tookMs = took.get(stage);
        return tookMs === undefined ? [] : [{ stage, tookMs }];
      }),
  };
}

/**
 * One search, from a question to a page of hits: plan → encode (once per space) → search (by meaning ‖ by words ‖ by what
 * is shown, per modality) → fuse → hydrate. Searching by words does not wait for the query to be encoded. The ranking, which is all up to
 * fuse, is remembered; whether each hit of the page may be seen is looked up every time.
 *
 * @throws TributaryError as the stages do; the question's signal's reason when it is aborted.
 */
export async function runPipeline(
  question: Question<SearchInput>,
  choice: EncoderChoice,
  cohorts: Cohorts,
  dependencies: PipelineDependencies,
): Promise<Answer> {
  const { cache, clock, rankingTtlMs: ttlMs } = dependencies;
  const { tenant, access, input, signal } = question;
  const startedAt = performance.now();
  const { time, stages } = createStopwatch();

  const { encoders, planned, corpus } = await time('plan', async () => {
    const startMs = clock.now();
    const asked = parseQuery(input);
    // What must be known beforehand takes a quarter of the time at most, side by side.
    const givenMs = timeGiven(input);
    const maxMs = Math.ceil(givenMs / 4);
    const [encoder, lacking, corpus, query] = await Promise.all([
      choice.choose(input.encoder ?? null, maxMs),
      lackingOf(dependencies.vectors, maxMs),
      tryReadCorpus(tenant, maxMs, dependencies, signal),
      readInTime(asked, tenant, givenMs, dependencies, signal),
    ]);
    const wanted = input.modalities ?? modalities;
    const { searchable, encoders } = await openSpaces(encoder, asked, wanted, corpus, dependencies, maxMs);
    const planned = plan(question, query, searchable, startMs, lacking, dependencies.personalData);
    return { encoders, planned: planCold(planned, corpus?.coldDocuments ?? null), corpus };
  });
  const weights = weighModalities(
    planned.query,
    dependencies.weights,
    dependencies.askedImageWeight,
    encoders.TEXT,
  );
  const make = (stop: AbortSignal) =>
    makeRanking(planned, corpus, encoders, cohorts, { ...dependencies, weights }, stop);
  const ranking =
    corpus === null || ttlMs === 0
      ? { ...(await make(signal)), outcome: 'BYPASS' as const }
      : await remember(
          { plan: planned, access, corpus, weights, feedback: defaultFeedback },
          make,
          { cache, ttlMs },
          signal,
        );
  const page = await time('hydrate', () => hydrateInTime(ranking.ranked, planned, dependencies, signal));
  const [planning, ...rest] = stages();
  return {
    ...page,
    plan: planned,
    coverage: ranking.coverage,
    stages: [...(planning ? [planning] : []), ...ranking.stages, ...rest],
    cache: ranking.outcome,
    tookMs: performance.now() - startedAt,
  };
}

/** What the vector store cannot do; nothing, where it has not said. */
async function lackingOf(vectors: VectorStore, maxMs: number): Promise<Lacking> {
  const capabilities = await readCapabilities(vectors, Math.min(maxMs, maxCapabilitiesMs));
  if (capabilities === null || capabilities.sparse) return {};
  const { vendor, version } = capabilities;
  return {
    SPARSE: `${vendor} ${version} cannot search by words. Search by meaning (mode DENSE), or have the operator upgrade it.`,
  };
}

/**
 * Hydrates within what is left of the deadline: without the database there are no hits to give, and an answer that
 * comes later is none.
 *
 * @throws TributaryError `UPSTREAM` where the database takes longer.
 */
async function hydrateInTime(
  ranked: Ranking['ranked'],
  planned: Plan,
  { database, clock }: Pick<PipelineDependencies, 'database' | 'clock'>,
  signal: AbortSignal,
): ReturnType<typeof hydrate> {
  const late = AbortSignal.timeout(Math.max(1, planned.deadlineMs - clock.now()));
  const inTime = AbortSignal.any([signal, late]);
  try {
    return await raceAbort(inTime, () => hydrate(ranked, planned, database, inTime));
  } catch (error) {
    signal.throwIfAborted();
    if (!late.aborted) throw error;
    throw upstream(
      'database',
      `The database did not say what was found within ${planned.givenMs} ms; please try again.`,
      error,
    );
  }
}

/** Looks up what is searched with. @throws TributaryError `UPSTREAM` where the database takes longer; as `readQuery` does. */
async function readInTime(
  asked: AskedQuery,
  tenant: string,
  givenMs: number,
  { database, clock, blobs }: Pick<PipelineDependencies, 'database' | 'clock' | 'blobs'>,
  signal: AbortSignal,
): Promise<ReadQuery> {
  const late = AbortSignal.timeout(givenMs);
  const inTime = AbortSignal.any([signal, late]);
  try {
    return await raceAbort(inTime, () =>
      readQuery(asked, tenant, { database, clock, blobs: blobs ?? null }, inTime),
    );
  } catch (error) {
    signal.throwIfAborted();
    if (!late.aborted) throw error;
    throw upstream(
      'database',
      `What is searched with could not be read within ${givenMs} ms; please try again.`,
      error,
    );
  }
}

/** How the corpus stands; null where that cannot be told in time: then nothing is remembered. */
async function tryReadCorpus(
  tenant: string,
  maxMs: number,
  { database, logger }: Pick<PipelineDependencies, 'database' | 'logger'>,
  signal: AbortSignal,
): Promise<Corpus | null> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(maxMs)]);
  try {
    return await raceAbort(inTime, () => readCorpus(database, tenant, inTime));
  } catch (error) {
    signal.throwIfAborted();
    logger.warn({ err: error }, 'the state of the corpus could not be read; searching without the cache');
    return null;
  }
}

/** Searches, and puts what was found in its order. */
async function makeRanking(
  planned: Plan,
  corpus: Corpus | null,
  encoders: SpaceEncoders,
  cohorts: Cohorts,
  dependencies: PipelineDependencies,
  signal: AbortSignal,
): Promise<Ranking> {
  const { clock, weights } = dependencies;
  const { time, stages } = createStopwatch();
  const leftMs = Math.max(1, planned.deadlineMs - clock.now());
  const timeoutMs = Math.ceil(Math.max(1, leftMs - Math.min(maxReserveMs, leftMs / 10)));

  // Encoded once for each space, when the first source asks for it.
  const encoded = new Map<VectorSpace, Promise<Float32Array>>();
  const encodeSignal = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const encodePorts = {
    ...dependencies,
    ...{ encoder: encoders.TEXT, visualEncoder: encoders.VISUAL, soundEncoder: encoders.SOUND },
  };
  const queryVector = (space: VectorSpace) => {
    let vector = encoded.get(space);
    if (vector === undefined) {
      vector = time('encode', () => encode(planned, space, encodePorts, encodeSignal));
      encoded.set(space, vector);
    }
    return vector;
  };

  const maxMs = Math.min(maxCohortMs, timeoutMs / 2);
  const ports = {
    ...dependencies,
    feedback: defaultFeedback,
    consistency: corpus?.changedLately === false ? 'bounded' : 'latest',
    background: mixes(planned)
      ? (space: VectorSpace, vector: Float32Array) => cohorts.backgroundOf(space, vector, encoders, maxMs)
      : null,
  } as const;
  const { lists, coverage } = await time('search', () =>
    search(planned, queryVector, ports, timeoutMs, signal),
  );
  const ranked = await time('fuse', () => rank(lists, planned, weights));
  return { ranked, coverage, stages: stages() };
}

/** Whether scores of several modalities or spaces have to be compared. */
const mixes = ({ sources }: Plan): boolean =>
  new Set(sources.map(({ modality, space }) => `${modality}/${space}`)).size > 1;
