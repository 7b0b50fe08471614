import { setMaxListeners } from 'node:events';
import { TributaryError, upstream } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Candidate as FoundChunk, VectorQuery, VectorStore } from '../../platform/ports/vector-store.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { raceAbort } from '../../platform/race-abort.ts';
import { expandQuery, type Feedback, feedbackPool } from './expand-query.ts';
import { findVisibleIds } from './find-visible.ts';
import { mergeTiers } from './merge-tiers.ts';
import type {
  Background,
  Candidate,
  CandidateList,
  Candidates,
  Plan,
  Source,
  SourceCoverage,
  VectorSpace,
} from './types.ts';

/** What sources are searched with. */
export interface SearchPorts {
  readonly vectors: VectorStore;
  readonly database: Database;
  readonly logger: Logger;
  readonly feedback: Feedback;
  /** Whether the last seconds' changes must be seen. */
  readonly consistency: NonNullable<VectorQuery['consistency']>;
  /** What a query's vector scores with things that it has nothing to do with; null where nobody compares spaces. */
  readonly background: ((space: VectorSpace, vector: Float32Array) => Promise<Background>) | null;
}

/** The query's vector in a space. */
export type QueryVector = (space: VectorSpace) => Promise<Float32Array>;

/** The most candidates that are looked at in one source, where most of them may not be seen. */
const maxCandidates = 16_000;

type Outcome =
  | { readonly kind: 'found'; readonly list: CandidateList; readonly coverage: SourceCoverage }
  | { readonly kind: 'failed'; readonly error: unknown; readonly coverage: SourceCoverage };

/** How a source is searched, in words. */
export function wayOf({ space, method }: Pick<SourceCoverage, 'space' | 'method'>): string {
  if (space === 'VISUAL') return 'what is shown';
  if (space === 'SOUND') return 'how it sounds';
  return method === 'DENSE' ? 'meaning' : 'words';
}

/** What a collection gave, or several together, best first, and whether there may be more. */
interface Found {
  readonly found: readonly FoundChunk[];
  readonly more: boolean;
}

/**
 * Takes candidates until `wanted` may be seen, or there are no more. What is another view of a passage stands for that,
 * and a passage that is found in several views is found once, by the best of them.
 */
async function visibleOf(
  plan: Plan,
  wanted: number,
  ports: SearchPorts,
  signal: AbortSignal,
  find: (limit: number) => Promise<Found>,
): Promise<Candidate[]> {
  for (let limit = wanted; ; limit *= 4) {
    const { found, more } = await find(limit);
    const chunkIds = found.map(({ chunkId }) => chunkId);
    const visible = await findVisibleIds(
      ports.database,
      plan.tenant,
      chunkIds,
      plan.includeCold,
      plan.filter,
      signal,
    );
    const passages = new Map<string, Candidate>();
    for (const candidate of found) {
      const chunkId = visible.get(candidate.chunkId);
      if (chunkId !== undefined && !passages.has(chunkId)) passages.set(chunkId, { ...candidate, chunkId });
    }
    const candidates = [...passages.values()];
    // What is deleted or replaced stays in the store for a while, and must not crowd out what can be seen.
    // So many as all pages of this depth show, and one more: another page of the same search shows the same list.
    const enough = candidates.length >= Math.min(wanted, plan.reach + 1);
    if (enough || !more || limit * 4 > maxCandidates) return candidates.slice(0, wanted);
  }
}

/** What is asked of a source, for so many candidates. */
function among(
  { tenant, filter: asked }: Plan,
  { modality, collection }: Source,
  limit: number,
  { consistency }: SearchPorts,
): VectorQuery {
  const only = { kind: 'modalityIn', modalities: [modality] } as const;
  const filter = asked === null ? only : ({ kind: 'and', filters: [only, asked] } as const);
  return { collection, tenant, filter, limit, consistency };
}

/** What is nearest to a vector in all collections of a source. */
async function findNearest(
  plan: Plan,
  source: Source,
  limit: number,
  vector: Float32Array,
  ports: SearchPorts,
  signal: AbortSignal,
): Promise<Found> {
  const { collection, edges } = source;
  const query = { ...among(plan, source, limit, ports), vector };
  const [found, ofEdges] = await Promise.all([
    ports.vectors.searchDense({ ...query, collection }, signal),
    edges === undefined ? [] : ports.vectors.searchDense({ ...query, collection: edges }, signal),
  ]);
  const more = found.length === limit || ofEdges.length === limit;
  if (ofEdges.length === 0) return { found, more };
  const both = [...found, ...ofEdges].sort((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1));
  return { found: both, more };
}

async function searchSource(
  plan: Plan,
  source: Source,
  denseVector: () => Promise<Float32Array>,
  ports: SearchPorts,
  signal: AbortSignal,
): Promise<Candidate[]> {
  const { vectors } = ports;
  const { query } = plan;
  if (source.method === 'SPARSE') {
    if (query.kind !== 'text') return [];
    const { text } = query;
    return visibleOf(plan, plan.depth, ports, signal, async (limit) => {
      const found = await vectors.searchSparse({ ...among(plan, source, limit, ports), text }, signal);
      return { found, more: found.length === limit };
    });
  }
  const vector = await denseVector();
  const nearest = (limit: number) => findNearest(plan, source, limit, vector, ports, signal);
  if (query.kind === 'similar') {
    const near = await visibleOf(plan, plan.depth + 1, ports, signal, nearest);
    return near.filter(({ chunkId }) => chunkId !== query.chunkId).slice(0, plan.depth);
  }
  return visibleOf(plan, plan.depth, ports, signal, nearest);
}

/** The query's vector, sharpened by the passages of a source that are nearest to it. */
async function sharpen(
  plan: Plan,
  source: Source,
  vector: Float32Array,
  ports: SearchPorts,
  signal: AbortSignal,
): Promise<Float32Array> {
  const { vectors, feedback } = ports;
  const { tenant } = plan;
  const { collection } = source;
  // What a text has in common with pictures is little: led towards the first of them it would be no text any more.
  if (plan.query.kind !== 'text' || source.space !== 'TEXT') return vector;
  // The vectors of what comes first are fetched while it is looked up who may see it: mostly all may be seen.
  let fetched: Promise<Map<string, Float32Array>> = Promise.resolve(new Map());
  const pool = await visibleOf(plan, feedbackPool, ports, signal, async (limit) => {
    const found = await vectors.searchDense({ ...among(plan, source, limit, ports), vector }, signal);
    const first = found.slice(0, feedbackPool).map(({ chunkId }) => chunkId);
    fetched = vectors.vectors(collection, tenant, first, signal);
    // Where the look-up fails first, nobody waits for it any more.
    fetched.catch(() => undefined);
    return { found, more: found.length === limit };
  });
  if (pool.length < feedbackPool) return vector;
  const chunkIds = pool.slice(0, feedback.passages).map(({ chunkId }) => chunkId);
  const stored = new Map(await fetched);
  const missing = chunkIds.filter((chunkId) => !stored.has(chunkId));
  if (missing.length > 0) {
    for (const [chunkId, each] of await vectors.vectors(collection, tenant, missing, signal))
      stored.set(chunkId, each);
  }
  const passages = chunkIds.flatMap((chunkId) => stored.get(chunkId) ?? []);
  return expandQuery(vector, passages, feedback.weight);
}

/** Failures that are the caller's to mend, whatever else was found. */
const isCallers = (error: unknown): error is TributaryError =>
  error instanceof TributaryError && ['REJECTED_INPUT', 'DENIED', 'NOT_FOUND'].includes(error.code);

function asUpstream({
  error,
  coverage,
}: Pick<Extract<Outcome, { kind: 'failed' }>, 'error' | 'coverage'>): TributaryError {
  if (error instanceof TributaryError && error.code === 'BUSY') return error;
  const service = error instanceof TributaryError ? (error.service ?? 'vectors') : 'vectors';
  const { modality, reason } = coverage;
  return upstream(
    service,
    `${modality} could not be searched by ${wayOf(coverage)}. ${reason ?? ''}`.trim(),
    error,
  );
}

/**
 * Searches all sources side by side, each until the deadline. One that fails or is late is left out and said
 * in the coverage.
 *
 * @param queryVector the query's vector; asked for only by sources that need one, in their space.
 * @throws TributaryError `UPSTREAM` when all sources fail, or one does and the plan says to fail fast; errors
 * that are the caller's to mend; the signal's reason when the caller has gone.
 */
export async function search(
  plan: Plan,
  queryVector: QueryVector,
  ports: SearchPorts,
  timeoutMs: number,
  callerSignal: AbortSignal,
): Promise<Candidates> {
  const lacking = plan.skipped.find(({ status }) => status === 'UNAVAILABLE');
  if (lacking !== undefined && (plan.failFast || plan.sources.length === 0)) {
    throw asUpstream({ error: undefined, coverage: lacking });
  }
  const deadline = AbortSignal.timeout(timeoutMs);
  const givenUp = new AbortController();
  const signal = AbortSignal.any([callerSignal, deadline, givenUp.signal]);
  // Every source listens to it, several times over.
  setMaxListeners(0, signal);

  // Once for each modality and space, by its passages in memory: scores of both tiers can be compared, and nobody waits
  // for cold documents to be loaded but who asks for them.
  const sharpened = new Map<string, Promise<Float32Array>>();
  function denseVector({ modality, space, tier }: Source): Promise<Float32Array> {
    const hot = plan.sources.find(
      (source) =>
        source.modality === modality &&
        source.space === space &&
        source.method === 'DENSE' &&
        source.tier === 'HOT',
    );
    if (hot === undefined) return queryVector(space);
    const key = `${modality}/${space}`;
    let vector = sharpened.get(key);
    if (vector === undefined) {
      vector = queryVector(space).then((asked) => sharpen(plan, hot, asked, ports, signal));
      sharpened.set(key, vector);
    }
    return tier === 'HOT' ? vector : vector.catch(() => queryVector(space));
  }

  async function backgroundOf(source: Source): Promise<Pick<CandidateList, 'background'>> {
    if (ports.background === null || source.method !== 'DENSE') return {};
    return { background: await ports.background(source.space, await denseVector(source)) };
  }

  async function trySource(source: Source): Promise<Outcome> {
    const startedAt = performance.now();
    const { modality, space, method, tier } = source;
    const covered = (part: Pick<SourceCoverage, 'status' | 'candidates' | 'reason'>): SourceCoverage => ({
      ...{ modality, space, method, tier },
      tookMs: performance.now() - startedAt,
      ...part,
    });
    try {
      const candidates = await raceAbort(signal, () =>
        searchSource(plan, source, () => denseVector(source), ports, signal),
      );
      return {
        kind: 'found',
        list: { source, candidates, ...(await raceAbort(signal, () => backgroundOf(source))) },
        coverage: covered({
          status: 'SEARCHED',
          candidates: candidates.length,
          reason: source.note ?? null,
        }),
      };
    } catch (error) {
      callerSignal.throwIfAborted();
      if (isCallers(error)) throw error;
      const late = deadline.aborted;
      if (!late && !givenUp.signal.aborted)
        ports.logger.error({ err: error, modality, space, method, tier }, 'a source could not be searched');
      const reason = late
        ? `${tier === 'COLD' ? 'Cold documents are being loaded; ask again in a moment. ' : ''}There was no answer within ${Math.round(timeoutMs)} ms.`
        : error instanceof TributaryError && error.code !== 'DEFECT'
          ? error.publicMessage
          : 'It failed; the log says why.';
      const failed: Outcome = {
        kind: 'failed',
        error,
        coverage: covered({ status: late ? 'TIMED_OUT' : 'UNAVAILABLE', candidates: 0, reason }),
      };
      if (plan.failFast) throw asUpstream(failed);
      return failed;
    }
  }

  try {
    const outcomes = await Promise.all(plan.sources.map(trySource));
    const failures = outcomes.filter((outcome) => outcome.kind === 'failed');
    const [failure] = failures;
    if (failure !== undefined && failures.length === outcomes.length) throw asUpstream(failure);
    const lists = outcomes.flatMap((outcome) => (outcome.kind === 'found' ? [outcome.list] : []));
    return {
      lists: mergeTiers(lists, plan.depth),
      coverage: [...outcomes.map(({ coverage }) => coverage), ...plan.skipped],
    };
  } finally {
    // One source's failure ends the others' work too.
    givenUp.abort();
  }
}
