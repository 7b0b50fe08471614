import { newId } from '../../../platform/ids.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import type { MediaEncoders } from '../encode.ts';
import type { MediaReaders } from '../extract.ts';
import type { Tool } from '../types.ts';
import { insertJob } from './jobs.ts';

/** So many documents are looked at in one transaction. */
const batchSize = 200;

/** What is here to read and encode with, beside the text encoder. */
export function toolsOf(dependencies: MediaEncoders & MediaReaders): Tool[] {
  const { visualEncoder, soundEncoder, transcriber, textReader, media, pictures } = dependencies;
  const found: readonly (readonly [Tool, unknown])[] = [
    ['visual-encoder', visualEncoder],
    ['sound-encoder', soundEncoder],
    ['transcriber', transcriber],
    ['text-reader', textReader],
    ['media-decoder', media],
    ['picture-decoder', pictures],
  ];
  return found.flatMap(([tool, here]) => (here === undefined || here === null ? [] : [tool]));
}

/**
 * Adds a job for each document that lacks something only because a tool was missing that is here now: it is gone
 * through again, and only what was missing is read and encoded.
 *
 * @returns how many.
 */
export async function makeUpFor(
  tools: readonly Tool[],
  { database, logger }: { readonly database: Database; readonly logger: Logger },
  signal: AbortSignal,
): Promise<number> {
  if (tools.length === 0) return 0;
  let added = 0;
  for (;;) {
    signal.throwIfAborted();
    const count = await database.forWorker(async (client) => {
      const { rows } = await client.query<{ tenant: string; id: string; version: number }>(
        `select d.tenant, d.id, v.version
         from document_versions v join documents d on d.tenant = v.tenant and d.id = v.document_id
         where v.lacks && $1 and d.visible_version = v.version and d.version = v.version and d.deleted_at is null
           and not exists (select from jobs j where j.tenant = d.tenant and j.document_id = d.id
                             and j.state in ('QUEUED', 'RUNNING'))
         order by d.tenant, d.id limit $2 for no key update of d skip locked`,
        [tools, batchSize],
      );
      for (const { tenant, id, version } of rows) {
        await insertJob(client, {
          ...{ tenant, id: newId('job'), documentId: id, version },
          ...{ kind: 'CONTENT', duplicate: false, ended: false },
        });
      }
      return rows.length;
    });
    added += count;
    if (count < batchSize) break;
  }
  if (added > 0)
    logger.info({ documents: added, tools }, 'documents are gone through again: what they lacked is here');
  return added;
}
