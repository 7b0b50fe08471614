import { relative } from 'node:path';
import type { CommandContext } from '../command.ts';
import { CommandFailure, type ExitCode, exitCodes } from '../failure.ts';
import { type Found, findDocuments } from '../find-documents.ts';
import { ingestOne } from '../ingest-one.ts';
import type { DocumentAttributes } from '../operations.generated.ts';
import { type ProgressDisplay, progressDisplay } from '../progress.ts';
import { count, renderMs } from '../render.ts';

export interface IngestOptions {
  readonly tag: readonly string[];
  readonly author?: string | undefined;
  readonly year?: number | undefined;
  readonly title?: string | undefined;
  readonly source?: string | undefined;
  /** How many documents are sent at once. */
  readonly concurrency: number;
  readonly json?: boolean | undefined;
}

/** What became of one document; an element of what `ingest --json` prints. */
export interface IngestOutcome {
  /** The path or address as it was found. */
  readonly target: string;
  readonly state: 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  readonly documentId: string | null;
  readonly jobId: string | null;
  /** Whether the same content was there already. */
  readonly duplicate: boolean;
  readonly version: number | null;
  readonly chunks: number;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** `tributary ingest`: puts documents in; one that fails does not stop the others. */
export async function ingest(
  { client, terminal, signal }: CommandContext,
  targets: readonly string[],
  options: IngestOptions,
  cwd: string = process.cwd(),
): Promise<ExitCode> {
  const begin = performance.now();
  const { documents, skipped } = await findDocuments(targets, cwd);
  if (documents.length === 0) {
    throw new CommandFailure(
      exitCodes.notFound,
      'There are no documents there: folders are searched for .txt, .md, .html and .pdf files.',
    );
  }
  if (documents.length > 1 && (options.title !== undefined || options.source !== undefined)) {
    throw new CommandFailure(exitCodes.usage, '--title and --source are for one document, not for several.');
  }
  const description = { source: options.source, attributes: attributesOf(options) };
  const outcomes: IngestOutcome[] = [];
  {
    using display = progressDisplay(terminal);
    const waiting = [...documents];
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift()) {
        outcomes.push(await one(next, display));
      }
    };
    await Promise.all(Array.from({ length: options.concurrency }, work));
  }

  async function one(document: Found, display: ProgressDisplay): Promise<IngestOutcome> {
    const target = document.kind === 'url' ? document.url : relative(cwd, document.path) || document.path;
    const progress = display.start(target);
    const outcome = await ingestOne(client, document, description, (at) => progress.update(at), signal).then(
      (job): IngestOutcome => ({
        target,
        state: job.state === 'SUCCEEDED' || job.state === 'CANCELLED' ? job.state : 'FAILED',
        documentId: job.document.id,
        jobId: job.id,
        duplicate: job.duplicate,
        version: job.document.version,
        chunks: job.chunksStored,
        error: job.error === null ? null : { code: job.error.code, message: job.error.message },
      }),
      (error: unknown): IngestOutcome => ({ ...failed, target, error: reasonOf(error, signal) }),
    );
    progress.end(renderOutcome(outcome));
    return outcome;
  }

  const counts = {
    succeeded: outcomes.filter(({ state }) => state === 'SUCCEEDED').length,
    duplicates: outcomes.filter(({ duplicate }) => duplicate).length,
    failed: outcomes.filter(({ state }) => state !== 'SUCCEEDED').length,
    skipped: skipped.length,
  };
  const tookMs = performance.now() - begin;
  if (options.json) terminal.print(JSON.stringify({ documents: outcomes, ...counts, tookMs }));
  else {
    for (const { documentId, target } of outcomes) {
      if (documentId !== null) terminal.print(`${documentId}  ${target}`);
    }
    terminal.print(renderSummary(counts, documents.length, tookMs));
  }
  if (signal.aborted) return exitCodes.interrupted;
  return counts.failed === 0 ? exitCodes.ok : commonCode(outcomes);
}

const failed = {
  state: 'FAILED',
  documentId: null,
  jobId: null,
  duplicate: false,
  version: null,
  chunks: 0,
} as const;

function reasonOf(error: unknown, signal: AbortSignal): { code: string; message: string } {
  if (signal.aborted) return { code: 'INTERRUPTED', message: 'It was interrupted.' };
  if (error instanceof CommandFailure) return { code: error.code, message: error.message };
  return { code: 'FAILED', message: error instanceof Error ? error.message : String(error) };
}

/** Where every document failed because no server answers, or it denies, the exit code says so. */
function commonCode(outcomes: readonly IngestOutcome[]): ExitCode {
  if (outcomes.every(({ error }) => error?.code === 'UNREACHABLE')) return exitCodes.unreachable;
  if (outcomes.every(({ error }) => error?.code === 'DENIED')) return exitCodes.denied;
  return exitCodes.failed;
}

function attributesOf({ tag, author, year, title }: IngestOptions): DocumentAttributes {
  return {
    ...(tag.length === 0 ? {} : { tags: tag }),
    ...(author === undefined ? {} : { author }),
    ...(year === undefined ? {} : { year }),
    ...(title === undefined ? {} : { title }),
  };
}

function renderOutcome({ target, state, duplicate, chunks, version, error }: IngestOutcome): string {
  if (state !== 'SUCCEEDED') return `failed  ${target}: ${error?.message ?? state.toLowerCase()}`;
  if (duplicate) return `same    ${target}: its content is here already`;
  const which = version === null || version === 1 ? '' : `, version ${version}`;
  return `ok      ${target}: ${count(chunks, 'passage')}${which}`;
}

function renderSummary(
  counts: { succeeded: number; duplicates: number; failed: number; skipped: number },
  total: number,
  tookMs: number,
): string {
  const parts = [`${counts.succeeded} of ${count(total, 'document')} ingested`];
  if (counts.duplicates > 0) parts.push(`${counts.duplicates} of them here already`);
  if (counts.failed > 0) parts.push(`${counts.failed} failed`);
  if (counts.skipped > 0) parts.push(`${count(counts.skipped, 'file')} of other kinds left out`);
  return `${parts.join(', ')}; ${renderMs(tookMs)}.`;
}
