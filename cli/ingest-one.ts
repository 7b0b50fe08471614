import { setTimeout as delay } from 'node:timers/promises';
import { ConnectionLost, type TributaryClient } from './client.ts';
import { CommandFailure, exitCodes } from './failure.ts';
import type { Found } from './find-documents.ts';
import {
  type DocumentAttributes,
  IngestDocumentOperation,
  IngestProgressOperation,
  type JobFieldsFragment,
} from './operations.generated.ts';
import { uploadFile } from './upload-file.ts';
import { whileBusy } from './while-busy.ts';

export type Job = JobFieldsFragment;

/** How far one document has come. */
export interface Progress {
  /** What is being done, in a word. */
  readonly stage: string;
  /** From 0 to 1. */
  readonly done: number;
}

/** What is said of a document, beside its content. */
export interface Description {
  readonly source?: string | undefined;
  readonly attributes: DocumentAttributes;
}

const reconnectAttempts = 8;

/**
 * Puts one document in and follows its job to the end. A file is streamed: it is never in memory whole.
 *
 * @returns the job as it ended, well or badly
 * @throws CommandFailure where the document is refused or the server cannot be reached.
 */
export async function ingestOne(
  client: TributaryClient,
  document: Found,
  { source, attributes }: Description,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Job> {
  const content =
    document.kind === 'url'
      ? { url: document.url }
      : {
          uploadId: await uploadFile(
            client,
            document,
            (share) => onProgress({ stage: 'upload', done: uploadShare * share }),
            signal,
          ),
        };
  const named = source ?? (document.kind === 'file' ? document.source : undefined);
  const job = await whileBusy(signal, async () => {
    const input = { ...content, attributes, ...(named === undefined ? {} : { source: named }) };
    return (await client.execute(IngestDocumentOperation, { input }, signal)).ingestDocument;
  });
  return isOver(job) ? job : followJob(client, job, onProgress, signal);
}

/** The share of the bar that belongs to the upload. */
const uploadShare = 0.2;

/** The share of the bar at which each stage begins; encoding and storing advance by passages. */
const stageShare: Readonly<Record<Job['stage'], number>> = {
  QUEUED: uploadShare,
  INSPECT: 0.22,
  EXTRACT: 0.25,
  CHUNK: 0.3,
  ENCODE: 0.35,
  STORE: 0.35,
  DONE: 1,
};

/** How far a job has come, the upload included. */
export function progressOf({ stage, chunksTotal, chunksStored }: Job): Progress {
  const begun = stageShare[stage];
  const stored = chunksTotal === 0 || stage === 'DONE' ? 0 : (0.98 - begun) * (chunksStored / chunksTotal);
  const isAtPassages = stage === 'ENCODE' || stage === 'STORE';
  return { stage: stage.toLowerCase(), done: begun + (isAtPassages ? stored : 0) };
}

async function followJob(
  client: TributaryClient,
  job: Job,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Job> {
  let failures = 0;
  onProgress(progressOf(job));
  for (;;) {
    try {
      for await (const { ingestProgress } of client.subscribe(
        IngestProgressOperation,
        { jobId: job.id },
        signal,
      )) {
        failures = 0;
        onProgress(progressOf(ingestProgress.job));
        if (isOver(ingestProgress.job)) return ingestProgress.job;
      }
      throw new ConnectionLost('The server ended the stream before the job had ended.');
    } catch (error) {
      // The present state comes first after connecting again, so nothing is missed.
      const mayHelp = error instanceof CommandFailure && error.exitCode === exitCodes.unreachable;
      if (!mayHelp || ++failures > reconnectAttempts) throw error;
      await delay(Math.min(5_000, 250 * 2 ** failures), undefined, { signal });
    }
  }
}

const isOver = ({ state }: Job): boolean =>
  state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELLED';
