import { edgesFingerprint } from '../../../platform/encoder/edges-fingerprint.ts';
import { newId } from '../../../platform/ids.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { CollectionName } from '../../../platform/ports/vector-store.ts';
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

/** The name of a space, as jobs need it and workers have it. */
export const spaceOf = ({ family, fingerprint }: Pick<CollectionName, 'family' | 'fingerprint'>): string =>
  `${family}/${fingerprint}`;

/** What a worker has that a job may need: its tools, and the spaces that it can put pictures and sound into. */
export function abilitiesOf(dependencies: MediaEncoders & MediaReaders): string[] {
  const { visualEncoder = null, soundEncoder = null } = dependencies;
  const spaces: string[] = [];
  if (visualEncoder !== null) {
    const { fingerprint } = visualEncoder.description;
    for (const own of [fingerprint, edgesFingerprint(fingerprint)])
      spaces.push(spaceOf({ family: 'image', fingerprint: own }));
  }
  if (soundEncoder !== null) {
    spaces.push(spaceOf({ family: 'audio', fingerprint: soundEncoder.description.fingerprint }));
  }
  return [...toolsOf(dependencies), ...spaces];
}

/**
 * Adds a job for each document that lacks something only because a tool was missing that is here now, or whose pictures
 * or sound were encoded by another encoder than the one that is here: it is gone through again, and only what was
 * missing is read and encoded.
 *
 * @returns how many.
 */
export async function makeUpFor(
  dependencies: MediaEncoders &
    MediaReaders & {
      readonly database: Database;
      readonly logger: Logger;
    },
  signal: AbortSignal,
): Promise<number> {
  const { database, logger, visualEncoder = null, soundEncoder = null } = dependencies;
  const tools = toolsOf(dependencies);
  if (tools.length === 0) return 0;
  const visual = visualEncoder?.description.fingerprint ?? null;
  const sound = soundEncoder?.description.fingerprint ?? null;
  let added = 0;
  for (;;) {
    signal.throwIfAborted();
    const count = await database.forWorker(async (client) => {
      // Two ranges of an index are read in place of all that differs: `<>` would read each version there is.
      const { rows } = await client.query<{
        tenant: string;
        id: string;
        version: number;
        lacks: Tool[];
        other_visual: boolean;
        other_sound: boolean;
      }>(
        `select d.tenant, d.id, v.version, v.lacks, coalesce(v.visual_space <> $3, false) as other_visual,
                coalesce(v.sound_space <> $4, false) as other_sound
         from document_versions v join documents d on d.tenant = v.tenant and d.id = v.document_id
         where (v.lacks <> '{}' and v.lacks && $1 or v.visual_space < $3 or v.visual_space > $3
                or v.sound_space < $4 or v.sound_space > $4)
           and d.visible_version = v.version and d.version = v.version and d.deleted_at is null
           and not exists (select from jobs j where j.tenant = d.tenant and j.document_id = d.id
                             and j.state in ('QUEUED', 'RUNNING'))
         limit $2 for no key update of d skip locked`,
        [tools, batchSize, visual, sound],
      );
      for (const { tenant, id, version, lacks, other_visual, other_sound } of rows) {
        const needs: string[] = lacks.filter((tool) => tools.includes(tool));
        if (other_visual && visual !== null) needs.push(spaceOf({ family: 'image', fingerprint: visual }));
        if (other_sound && sound !== null) needs.push(spaceOf({ family: 'audio', fingerprint: sound }));
        await insertJob(client, {
          ...{ tenant, id: newId('job'), documentId: id, version },
          ...{ kind: 'CONTENT', duplicate: false, ended: false, needs },
        });
      }
      return rows.length;
    });
    added += count;
    if (count < batchSize) break;
  }
  if (added > 0) {
    logger.info(
      { documents: added, tools },
      'documents are gone through again: what they lacked is here, or another encoder',
    );
  }
  return added;
}
