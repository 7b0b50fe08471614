import type { PoolClient } from 'pg';
import type { AnswerStreams } from '../../../platform/ports/answer-streams.ts';
import type { BlobStore } from '../../../platform/ports/blob-store.ts';
import type { CollectionName } from '../../../platform/ports/vector-store.ts';
import { allowIdle } from '../../../platform/postgres/allow-idle.ts';
import type { StoreDependencies } from '../store.ts';
import { collectionIn, type Tier } from '../tiers/tier.ts';

export interface PurgeDependencies extends StoreDependencies {
  readonly blobs: BlobStore;
  /** Where answers' events are beside the database; null or left out where nowhere. */
  readonly streams?: AnswerStreams | null;
}

interface StaleChunk {
  readonly id: string;
  readonly family: CollectionName['family'];
  readonly preview_key: string | null;
  /** The encoders that it may have a vector of. */
  readonly fingerprints: readonly string[];
}

/** So many passages are purged in one transaction. */
const batchSize = 1000;
/** So long the vector store may take to remove them. */
const storeWaitMs = 120_000;

/**
 * Removes what is left of a document's versions that cannot be found and that no job is at: vectors, then rows,
 * then the original bytes of replaced versions.
 */
export async function purgeVersions(
  tenant: string,
  documentId: string,
  { database, vectors, blobs }: PurgeDependencies,
): Promise<void> {
  const previewKeys: string[] = [];
  for (;;) {
    const purged = await database.forWorker(async (client) => {
      await allowIdle(client, storeWaitMs);
      // While this is held nobody can begin a job for the document that would want these chunks again.
      const { rows } = await client.query<{ cold: boolean }>(
        `select tier = 'COLD' or two_tiers_since is not null as cold from documents
         where tenant = $1 and id = $2 for no key update`,
        [tenant, documentId],
      );
      const stale = await lockStaleChunks(client, tenant, documentId);
      // A new version is written to memory, wherever the one before was.
      const tiers: readonly Tier[] = rows[0]?.cold === true ? ['HOT', 'COLD'] : ['HOT'];
      for (const [collection, ids] of byCollection(stale)) {
        for (const tier of tiers) await vectors.deleteChunks(collectionIn(collection, tier), tenant, ids);
      }
      await client.query('delete from chunks where tenant = $1 and id = any($2)', [
        tenant,
        stale.map(({ id }) => id),
      ]);
      return stale;
    });
    previewKeys.push(...purged.flatMap(({ preview_key }) => preview_key ?? []));
    if (purged.length < batchSize) break;
  }
  const blobKeys = await database.forWorker(async (client) => {
    const { rows } = await client.query<{ blob_key: string }>(
      `delete from document_versions v using documents d
       where d.tenant = v.tenant and d.id = v.document_id and v.tenant = $1 and v.document_id = $2
         and v.version < d.version and v.version <> coalesce(d.visible_version, 0)
       returning v.blob_key`,
      [tenant, documentId],
    );
    await client.query(
      `delete from derivations x using documents d
       where d.tenant = x.tenant and d.id = x.document_id and x.tenant = $1 and x.document_id = $2
         and x.seen_version < d.visible_version and d.version = d.visible_version`,
      [tenant, documentId],
    );
    return rows.map(({ blob_key }) => blob_key);
  });
  // A crash before this leaves bytes without a row; the reconciler removes them.
  for (const key of [...blobKeys, ...previewKeys]) await blobs.delete(key);
}

/**
 * Removes a document's vectors from spaces of pictures and of sound that it has left, because another encoder has put it
 * into its own.
 */
export async function purgeSpaces(
  tenant: string,
  documentId: string,
  left: readonly CollectionName[],
  { database, vectors }: Pick<PurgeDependencies, 'database' | 'vectors'>,
): Promise<void> {
  for (const collection of left) {
    await database.forWorker(async (client) => {
      await allowIdle(client, storeWaitMs);
      const { rows } = await client.query<{ id: string }>(
        // While this is held no job can write a vector there.
        `select c.id from chunks c where c.tenant = $1 and c.document_id = $2 and c.family = $3
           and $4 <> all (coalesce(c.encoded_by, array[c.fingerprint]))
         order by c.id for update`,
        [tenant, documentId, collection.family, collection.fingerprint],
      );
      const ids = rows.map(({ id }) => id);
      for (let start = 0; start < ids.length; start += batchSize) {
        const some = ids.slice(start, start + batchSize);
        for (const tier of ['HOT', 'COLD'] as const)
          await vectors.deleteChunks(collectionIn(collection, tier), tenant, some);
      }
    });
  }
}

async function lockStaleChunks(
  client: PoolClient,
  tenant: string,
  documentId: string,
): Promise<StaleChunk[]> {
  const { rows } = await client.query<StaleChunk>(
    `select c.id, c.family, c.preview_key,
       array(select c.fingerprint union select unnest(c.encoded_by)
             union select fingerprint from encoders where c.family = 'text')
         as fingerprints
     from chunks c
     join documents d on d.tenant = c.tenant and d.id = c.document_id
     where c.tenant = $1 and c.document_id = $2
       and (d.visible_version is null or c.first_version > d.visible_version or c.last_version < d.visible_version)
       and not exists (
         select from jobs j where j.tenant = c.tenant and j.document_id = c.document_id
           and j.version = c.seen_version and j.kind = 'CONTENT' and j.state in ('QUEUED', 'RUNNING'))
     limit $3
     for update of c`,
    [tenant, documentId, batchSize],
  );
  return rows;
}

function byCollection(chunks: readonly StaleChunk[]): [CollectionName, string[]][] {
  const groups = new Map<string, [CollectionName, string[]]>();
  for (const { id, family, fingerprints } of chunks) {
    for (const fingerprint of fingerprints) {
      const key = `${family}/${fingerprint}`;
      const group = groups.get(key) ?? [{ family, fingerprint }, []];
      group[1].push(id);
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}
