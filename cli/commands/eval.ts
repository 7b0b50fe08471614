import { type Evaluation, evaluate } from '../../eval/evaluate.ts';
import { CollectionError, readCollection } from '../../eval/read-collection.ts';
import { CommandFailure, type ExitCode, exitCodes } from '../failure.ts';
import type { SearchMode } from '../operations.generated.ts';
import { count } from '../render.ts';
import type { Terminal } from '../terminal.ts';

export interface EvalCommandOptions {
  readonly mode: readonly SearchMode[];
  readonly limit?: number | undefined;
  readonly json?: boolean | undefined;
}

export interface EvalSurroundings {
  readonly url: string;
  readonly token?: string | undefined;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** `tributary eval`: measures retrieval on a collection in BEIR layout. */
export async function evalCommand(
  { url, token, terminal, signal }: EvalSurroundings,
  folder: string,
  { mode, limit, json }: EvalCommandOptions,
): Promise<ExitCode> {
  const collection = await readCollection(folder).catch((error: unknown) => {
    if (error instanceof CollectionError) throw new CommandFailure(exitCodes.usage, error.message);
    throw error;
  });
  const report = progressReporter(terminal);
  const found = await evaluate(collection, { url, token, modes: mode, limit, signal, onProgress: report });
  if (json) terminal.print(JSON.stringify(evaluationJson(folder, found)));
  else for (const line of renderEvaluation(found)) terminal.print(line);
  if (found.failed > 0) {
    throw new CommandFailure(exitCodes.failed, `${count(found.failed, 'document')} could not be ingested.`);
  }
  return exitCodes.ok;
}

/** What `eval --json` prints; documented in docs/cli.md. */
export const evaluationJson = (folder: string, found: Evaluation): unknown => ({
  collection: folder,
  ...found,
});

/** The result for people, a line at a time. */
export function renderEvaluation(found: Evaluation): string[] {
  const { documents, searchable, refused, failed, queries, queriesInCollection, modes, seconds } = found;
  const limited =
    queries === queriesInCollection
      ? count(queries, 'query').replace('querys', 'queries')
      : `the first ${queries} of ${queriesInCollection} queries (--limit)`;
  return [
    `${count(documents, 'document')}, ${searchable} searchable, ${refused.length} refused, ${failed} failed; ${limited}; by document`,
    ...refused.slice(0, 5).map(({ id, message }) => `  refused ${id}: ${message}`),
    '',
    'mode    nDCG@10  recall@100  MRR@10  seconds  median ms  p95 ms',
    ...modes.map(
      (one) =>
        `${one.mode.toLowerCase().padEnd(8)}${one.ndcgAt10.toFixed(4).padStart(7)}${one.recallAt100.toFixed(4).padStart(12)}${one.mrrAt10.toFixed(4).padStart(8)}${one.seconds.toFixed(1).padStart(9)}${one.medianMs.toFixed(0).padStart(11)}${one.p95Ms.toFixed(0).padStart(8)}${one.incomplete === 0 ? '' : `  (${one.incomplete} searches were incomplete)`}`,
    ),
    '',
    `ingest ${seconds.ingest.toFixed(1)} s, search ${seconds.search.toFixed(1)} s, remove ${seconds.remove.toFixed(1)} s`,
  ];
}

/** Says on standard error how far it is, a line for each tenth. */
function progressReporter(terminal: Terminal): (stage: string, done: number, total: number) => void {
  let last = '';
  return (stage, done, total) => {
    const line = `${stage} ${total === 0 ? 100 : Math.floor((10 * done) / total) * 10} %`;
    if (line !== last) terminal.note(line);
    last = line;
  };
}
