import type { TributaryError } from '../../../platform/errors.ts';
import { rejected } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import type { BlobStore } from '../../../platform/ports/blob-store.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { readBlob } from '../documents/read-blob.ts';
import type { Work } from '../pipeline.ts';
import type { Attributes } from '../types.ts';
import { changeJob, holdJob, insertJob, type TakenJob } from './jobs.ts';
import { addToOutbox } from './outbox.ts';

/** A job whose worker died so often is not begun again: most likely it is what kills them. */
const maxCrashes = 40;
/** How often a failure is tried again that may pass: where something else was at fault, and where we were. */
const maxFailures = { outside: 20, ours: 4, store: 1500 };
/** The one service that is no store: a text may be what it fails at. */
const ownModel = 'encoder';
const firstRetryMs = 500;
/** A store that was away is asked again soon, so that all is well soon after it is back. */
const longestRetryMs = { store: 10_000, other: 60_000 };

/** Says that the document is being worked on, and forgets what an earlier attempt has seen in this version. */
export function startWork(database: Database, job: TakenJob): Promise<void> {
  return database.forWorker(async (client) => {
    await client.query(
      `update documents set state = 'PROCESSING'
       where tenant = $1 and id = $2 and deleted_at is null and $3 = 'CONTENT'`,
      [job.tenant, job.documentId, job.kind],
    );
    await holdJob(client, job);
    if (job.attempts - job.failures > maxCrashes) {
      throw rejected(
        'WORKER_LOST',
        `The document was begun ${job.attempts} times and its worker died each time. Send it in parts, or in another format.`,
      );
    }
    // Another attempt, or the same version once more: what it does not find this time is no part of it.
    if (job.kind === 'CONTENT') {
      await client.query(
        `update chunks set seen_version = 0 where tenant = $1 and document_id = $2 and seen_version = $3
           and ($4 or exists (select from documents d where d.tenant = $1 and d.id = $2 and d.visible_version = $3))`,
        [job.tenant, job.documentId, job.version, job.attempts > 1],
      );
    }
  });
}

interface WorkRow {
  readonly title: string;
  readonly title_given: boolean;
  readonly author_given: boolean;
  readonly author: string | null;
  readonly source: string | null;
  readonly year: number | null;
  readonly published_at: Date | null;
  readonly tags: string[];
  readonly metadata: Record<string, unknown>;
  readonly contains_pii: boolean;
  readonly blob_key: string;
  readonly file_name: string | null;
  readonly media_type: string;
  readonly byte_size: number;
  readonly has_passages: boolean;
}

export const toAttributes = (
  row: Omit<WorkRow, 'blob_key' | 'file_name' | 'media_type' | 'byte_size' | 'has_passages'>,
): Attributes => ({
  title: row.title,
  author: row.author,
  source: row.source,
  year: row.year,
  publishedAtMs: row.published_at?.getTime() ?? null,
  tags: row.tags,
  metadata: row.metadata,
  containsPii: row.contains_pii,
});

/** What a job works on, its bytes not read yet. */
export interface WaitingWork {
  readonly byteSize: number;
  read(signal: AbortSignal): Promise<Work>;
}

/** Finds what a job works on: its bytes, and what is said of the document. */
export async function findWork(database: Database, blobs: BlobStore, job: TakenJob): Promise<WaitingWork> {
  const row = await database.forWorker(async (client) => {
    const { rows } = await client.query<WorkRow>(
      `select d.*, v.blob_key, v.file_name, v.media_type, v.byte_size,
         exists (select from chunks c where c.tenant = d.tenant and c.document_id = d.id) as has_passages
       from documents d
       join document_versions v on v.tenant = d.tenant and v.document_id = d.id and v.version = $3
       where d.tenant = $1 and d.id = $2`,
      [job.tenant, job.documentId, job.version],
    );
    return rows[0];
  });
  if (row === undefined) throw new Error(`The job ${job.id} has no version to work on.`);
  return {
    byteSize: row.byte_size,
    read: async (signal) => ({
      job,
      upload: {
        bytes: await readBlob(blobs, row.blob_key, signal),
        fileName: row.file_name,
        mediaType: row.media_type,
      },
      attributes: toAttributes(row),
      hasPassages: row.has_passages,
      titleGiven: row.title_given,
      authorGiven: row.author_given,
    }),
  };
}

/** A store that is full, busy or away is waited for, for a day and longer: what was acknowledged is not given up. */
function maxTries(error: TributaryError): number {
  if (error.code === 'BUSY') return Number.POSITIVE_INFINITY;
  if (!error.retryable) return maxFailures.ours;
  return error.service === ownModel ? maxFailures.outside : maxFailures.store;
}

/**
 * Ends a job badly, or puts it back to be tried again later where the failure may pass. An older version can
 * still be found, with what is said of the document now; what is missing is a gap.
 *
 * @throws LeaseLostError
 */
export function settleFailure(database: Database, job: TakenJob, error: TributaryError): Promise<void> {
  const tries = maxTries(error);
  const again = error.code !== 'REJECTED_INPUT' && job.failures + 1 < tries;
  const { tenant, documentId, version } = job;
  return database.forWorker(async (client) => {
    await client.query('select from documents where tenant = $1 and id = $2 for no key update', [
      tenant,
      documentId,
    ]);
    if (again) {
      const longestMs = tries > maxFailures.outside ? longestRetryMs.store : longestRetryMs.other;
      const retryAfterMs = Math.min(longestMs, firstRetryMs * 2 ** job.failures);
      await changeJob(client, job, { state: 'QUEUED', stage: 'QUEUED', retryAfterMs });
      return;
    }
    const problem = { code: error.reason, message: error.publicMessage };
    await changeJob(client, job, { state: 'FAILED', stage: 'DONE', error: problem });
    if (job.kind === 'ATTRIBUTES') return;
    await client.query(
      // What it lacked is not tried again by itself: it would fail again.
      `update document_versions set gaps = $4, lacks = '{}' where tenant = $1 and document_id = $2 and version = $3`,
      [tenant, documentId, version, JSON.stringify([{ ...problem, locator: null }])],
    );
    // A passage that both versions have may have been written anew already, under the title of the new one.
    const { rows } = await client.query<{ visible_version: number | null }>(
      `update documents d set updated_at = now(),
         state = case when visible_version is null then 'FAILED' else 'PARTIAL' end,
         encoded_title = case when exists (
           select from chunks c where c.tenant = d.tenant and c.document_id = d.id
             and c.first_version <= d.visible_version and c.seen_version <> d.visible_version)
           then null else encoded_title end,
         two_tiers_since = case when tier = 'COLD' then now() else two_tiers_since end
       where tenant = $1 and id = $2 returning visible_version`,
      [tenant, documentId],
    );
    await addToOutbox(client, tenant, 'purge-versions', { documentId });
    const visible = rows[0]?.visible_version ?? null;
    if (visible === null) return;
    // What was said with the new content is true of the document now, and so of what can still be found of it.
    await insertJob(client, {
      ...{ tenant, id: newId('job'), documentId, version: visible },
      ...{ kind: 'ATTRIBUTES', duplicate: false, ended: false },
    });
  });
}
