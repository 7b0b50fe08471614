import type { PoolClient } from 'pg';
import { busy, notFound } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { cancelJobs, insertJob, toJob } from '../jobs/jobs.ts';
import { addToOutbox } from '../jobs/outbox.ts';
import { type MediaType, mainModality } from '../media-types.ts';
import type { IngestJobModel } from '../models.ts';
import type { GivenAttributes } from './attributes.ts';

/** Content that is kept in the blob store and was looked at, ready to become a version of a document. */
export interface Content {
  readonly blobKey: string;
  readonly byteSize: number;
  readonly sha256: string;
  readonly mediaType: MediaType;
  readonly fileName: string | null;
}

/** Which document the content is of: the one of a source, made where there is none, or the one with an id. */
export type Target =
  | { readonly kind: 'source'; readonly source: string | null; readonly fallbackTitle: string }
  | { readonly kind: 'document'; readonly id: string };

export interface Acceptance {
  readonly tenant: string;
  readonly target: Target;
  readonly content: Content;
  readonly attributes: GivenAttributes;
  /** The upload that the content came by: it is used up. */
  readonly uploadId: string | null;
}

interface DocumentRow {
  readonly id: string;
  readonly version: number;
  readonly visible_version: number | null;
  readonly content_sha256: string;
}

/**
 * Makes content durable as a version of a document, with the job that makes it findable, in one transaction.
 * The same content again is no new version: a job that has ended is given, or the one that is still at it.
 *
 * @throws TributaryError `NOT_FOUND` where there is no such document; `BUSY` with reason `CONFLICT` where the
 * upload was used in the meantime.
 */
export function accept(database: Database, acceptance: Acceptance): Promise<IngestJobModel> {
  const { tenant, target, content, attributes } = acceptance;
  return database.forTenant(tenant, async (client) => {
    if (acceptance.uploadId !== null) await useUpload(client, tenant, acceptance.uploadId);
    const found = await findTarget(client, tenant, target, content);
    if (found !== null && found.content_sha256 === content.sha256) {
      await addToOutbox(client, tenant, 'remove-blob', { blobKey: content.blobKey });
      return acceptAgain(client, tenant, found, attributes);
    }
    const version = (found?.version ?? 0) + 1;
    const documentId = found?.id ?? newId('doc');
    if (found === null) await insertDocument(client, documentId, acceptance);
    else {
      await cancelJobs(client, tenant, documentId);
      await client.query(
        `update documents set version = $3, state = 'RECEIVED', updated_at = now(),
           source_key = case when $4 then 'document:' || id else source_key end
         where tenant = $1 and id = $2`,
        [tenant, documentId, version, target.kind === 'document'],
      );
    }
    await writeAttributes(client, tenant, documentId, attributes);
    await client.query(
      `insert into document_versions (tenant, document_id, version, content_sha256, media_type, byte_size, blob_key, file_name)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        ...[tenant, documentId, version, content.sha256],
        ...[content.mediaType, content.byteSize, content.blobKey, content.fileName],
      ],
    );
    return insertContentJob(client, tenant, documentId, version);
  });
}

/**
 * Changes what is said of a document, with a job that writes it to the vectors.
 *
 * @throws TributaryError `NOT_FOUND`.
 */
export function acceptAttributes(
  database: Database,
  tenant: string,
  documentId: string,
  attributes: GivenAttributes,
): Promise<IngestJobModel> {
  return database.forTenant(tenant, async (client) => {
    const found = await lockDocument(client, 'd.id = $2', [tenant, documentId]);
    if (found === null) throw noDocument(documentId);
    await writeAttributes(client, tenant, documentId, attributes);
    return insertAttributesJob(client, tenant, found, false);
  });
}

export const noDocument = (id: string) =>
  notFound(`There is no document ${JSON.stringify(id.slice(0, 64))}.`);

async function useUpload(client: PoolClient, tenant: string, uploadId: string): Promise<void> {
  const { rowCount } = await client.query(
    `update uploads set state = 'USED', blob_key = null, file_name = ''
     where tenant = $1 and id = $2 and state = 'RECEIVED'`,
    [tenant, uploadId],
  );
  if (rowCount !== 1) throw busy('CONFLICT', 'The upload was used by another request meanwhile.', 100);
}

async function findTarget(
  client: PoolClient,
  tenant: string,
  target: Target,
  content: Content,
): Promise<DocumentRow | null> {
  if (target.kind === 'document') {
    const found = await lockDocument(client, 'd.id = $2', [tenant, target.id]);
    if (found === null) throw noDocument(target.id);
    return found;
  }
  const key = sourceKeyOf(target.source, content.sha256);
  // Two that bring the first version of one source wait for each other.
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${tenant}/${key}`]);
  return lockDocument(client, 'd.source_key = $2', [tenant, key]);
}

const sourceKeyOf = (source: string | null, sha256: string): string =>
  source === null ? `content:${sha256}` : `source:${source}`;

async function lockDocument(
  client: PoolClient,
  condition: string,
  parameters: readonly string[],
): Promise<DocumentRow | null> {
  const { rows } = await client.query<DocumentRow>(
    `select d.id, d.version, d.visible_version, v.content_sha256
     from documents d
     join document_versions v on v.tenant = d.tenant and v.document_id = d.id and v.version = d.version
     where d.tenant = $1 and ${condition} and d.deleted_at is null
     for no key update of d`,
    [...parameters],
  );
  return rows[0] ?? null;
}

async function insertDocument(client: PoolClient, id: string, acceptance: Acceptance): Promise<void> {
  const { tenant, target, content } = acceptance;
  if (target.kind !== 'source') throw new Error('Only content of a source makes a document.');
  await client.query(
    `insert into documents (tenant, id, source_key, title, modality, source, state)
     values ($1, $2, $3, $4, $6, $5, 'RECEIVED')`,
    [
      ...[tenant, id, sourceKeyOf(target.source, content.sha256), target.fallbackTitle, target.source],
      mainModality(content.mediaType),
    ],
  );
}

/** The same content under the same source: nothing to do, unless it failed before or something else is said of it. */
async function acceptAgain(
  client: PoolClient,
  tenant: string,
  found: DocumentRow,
  attributes: GivenAttributes,
): Promise<IngestJobModel> {
  const changed = await writeAttributes(client, tenant, found.id, attributes);
  if (found.visible_version === found.version) {
    return changed ? insertAttributesJob(client, tenant, found, true) : insertEndedJob(client, tenant, found);
  }
  const { rows } = await client.query<Parameters<typeof toJob>[0]>(
    `select * from jobs where tenant = $1 and document_id = $2 and version = $3 and kind = 'CONTENT'
       and state in ('QUEUED', 'RUNNING') limit 1`,
    [tenant, found.id, found.version],
  );
  const [running] = rows;
  if (running === undefined) return insertContentJob(client, tenant, found.id, found.version);
  // The job that is under way may have read the attributes already; another one follows it.
  if (changed) await insertAttributesJob(client, tenant, found, true);
  return toJob(running);
}

const insertContentJob = (client: PoolClient, tenant: string, documentId: string, version: number) =>
  insertJob(client, {
    ...{ tenant, id: newId('job'), documentId, version },
    ...{ kind: 'CONTENT', duplicate: false, ended: false },
  });

const insertAttributesJob = (client: PoolClient, tenant: string, found: DocumentRow, duplicate: boolean) =>
  insertJob(client, {
    ...{ tenant, id: newId('job'), documentId: found.id, version: found.version },
    ...{ kind: 'ATTRIBUTES', duplicate, ended: false },
  });

const insertEndedJob = (client: PoolClient, tenant: string, found: DocumentRow) =>
  insertJob(client, {
    ...{ tenant, id: newId('job'), documentId: found.id, version: found.version },
    ...{ kind: 'CONTENT', duplicate: true, ended: true },
  });

/** Writes what is said of a document. @returns whether anything changed. */
async function writeAttributes(
  client: PoolClient,
  tenant: string,
  documentId: string,
  given: GivenAttributes,
): Promise<boolean> {
  const columns: Record<string, unknown> = {
    ...(given.title === undefined ? {} : { title: given.title, title_given: true }),
    ...(given.author === undefined ? {} : { author: given.author, author_given: given.author !== null }),
    ...(given.year === undefined ? {} : { year: given.year }),
    ...(given.publishedAt === undefined ? {} : { published_at: given.publishedAt }),
    ...(given.tags === undefined ? {} : { tags: given.tags }),
    ...(given.metadata === undefined ? {} : { metadata: JSON.stringify(given.metadata) }),
    ...(given.containsPii === undefined ? {} : { contains_pii: given.containsPii }),
  };
  const names = Object.keys(columns);
  if (names.length === 0) return false;
  const values = names.map((name, index) => `$${index + 3}${name === 'metadata' ? '::jsonb' : ''}`);
  const { rowCount } = await client.query(
    `update documents set (${names.join(', ')}, updated_at) = row(${values.join(', ')}, now())
     where tenant = $1 and id = $2
       and (${names.map((name, index) => `${name} is distinct from ${values[index]}`).join(' or ')})`,
    [tenant, documentId, ...Object.values(columns)],
  );
  return rowCount === 1;
}
