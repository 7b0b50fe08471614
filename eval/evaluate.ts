import { randomBytes } from 'node:crypto';
import { TributaryClient } from '../cli/client.ts';
import { CommandFailure, exitCodes } from '../cli/failure.ts';
import { type Measures, mean, measure } from '../platform/evaluation/metrics.ts';
import { ingestCorpus } from './ingest-corpus.ts';
import { RankingOperation, RemoveTenantOperation, type SearchMode } from './operations.generated.ts';
import type { Collection, JudgedQuery } from './read-collection.ts';

export interface EvaluationOptions {
  readonly url: string;
  readonly token?: string | undefined;
  readonly modes: readonly SearchMode[];
  /** Only so many queries; all by default. */
  readonly limit?: number | undefined;
  readonly signal: AbortSignal;
  /** Told what is being done, and how far it is. */
  onProgress(stage: 'ingest' | 'search' | 'remove', done: number, total: number): void;
}

/** The figures of one mode, by document. */
export interface ModeResult extends Measures {
  readonly mode: SearchMode;
  readonly seconds: number;
  /** Of one search, as the server measured it, in milliseconds. */
  readonly medianMs: number;
  readonly p95Ms: number;
  /** How many searches did not cover everything; their hits count all the same. */
  readonly incomplete: number;
}

/** What an evaluation found. */
export interface Evaluation {
  /** The tenant in which it was made; it is gone. */
  readonly tenant: string;
  readonly documents: number;
  readonly searchable: number;
  readonly refused: readonly { readonly id: string; readonly message: string }[];
  readonly failed: number;
  readonly queries: number;
  /** How many judged queries there are; more than `queries` where they were limited. */
  readonly queriesInCollection: number;
  readonly modes: readonly ModeResult[];
  readonly seconds: { readonly ingest: number; readonly search: number; readonly remove: number };
}

const searchesAtOnce = 4;

/**
 * Puts a collection through the real ingest and the real search, in a tenant of its own that is removed
 * afterwards, also where something goes wrong or is interrupted.
 *
 * @throws CommandFailure where the server refuses or cannot be reached.
 */
export async function evaluate(collection: Collection, options: EvaluationOptions): Promise<Evaluation> {
  const { url, token, signal, onProgress } = options;
  const tenant = `eval-${randomBytes(6).toString('hex')}`;
  await using client = new TributaryClient({ url, token, tenant });
  const queries = collection.queries.slice(0, options.limit ?? collection.queries.length);
  const clock = stopwatch();
  let isToBeRemoved = true;
  try {
    const corpus = await ingestCorpus(
      client,
      collection.documents,
      (done, total) => onProgress('ingest', done, total),
      signal,
    );
    const ingest = clock();
    const modes: ModeResult[] = [];
    for (const mode of options.modes) {
      modes.push(
        await searchAll(client, queries, mode, signal, (done) =>
          onProgress('search', modes.length * queries.length + done, options.modes.length * queries.length),
        ),
      );
    }
    const search = clock();
    onProgress('remove', 0, 1);
    isToBeRemoved = false;
    await removeTenant(client, tenant);
    return {
      tenant,
      documents: collection.documents.length,
      ...corpus,
      queries: queries.length,
      queriesInCollection: collection.queries.length,
      modes,
      seconds: { ingest, search, remove: clock() },
    };
  } finally {
    // What went wrong is thrown on; that the tenant could not be removed either would only hide it.
    if (isToBeRemoved) await removeTenant(client, tenant).catch(() => undefined);
  }
}

async function removeTenant(client: TributaryClient, tenant: string): Promise<void> {
  const { removeTenant: result } = await client.execute(RemoveTenantOperation, { tenant });
  if (result.__typename === 'Denied') throw new CommandFailure(exitCodes.denied, result.message);
  if (result.__typename === 'Rejected') throw new CommandFailure(exitCodes.usage, result.message);
}

async function searchAll(
  client: TributaryClient,
  queries: readonly JudgedQuery[],
  mode: SearchMode,
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<ModeResult> {
  const clock = stopwatch();
  const measures: Measures[] = [];
  const times: number[] = [];
  let incomplete = 0;
  const waiting = [...queries];
  const work = async () => {
    for (let query = waiting.shift(); query !== undefined; query = waiting.shift()) {
      const input = { text: query.text, mode, first: 100, perDocument: 1, deadlineMs: 60_000 };
      const { search } = await client.execute(RankingOperation, { input }, signal);
      const ranking = search.hits.nodes.flatMap(({ chunk }) => chunk?.document.source ?? []);
      measures.push(measure([...new Set(ranking)], query.judgements));
      times.push(search.tookMs);
      if (!search.coverage.complete) incomplete++;
      onProgress(measures.length);
    }
  };
  await Promise.all(Array.from({ length: searchesAtOnce }, work));
  times.sort((one, other) => one - other);
  const percentile = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0;
  return {
    mode,
    ...mean(measures),
    seconds: clock(),
    medianMs: percentile(0.5),
    p95Ms: percentile(0.95),
    incomplete,
  };
}

/** Seconds since it was made or last asked. */
function stopwatch(): () => number {
  let at = performance.now();
  return () => {
    const begin = at;
    at = performance.now();
    return (at - begin) / 1000;
  };
}
