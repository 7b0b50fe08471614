import type { PoolClient } from 'pg';
import { rejected } from '../../../platform/errors.ts';
import { toJob } from '../jobs/jobs.ts';
import type { ChunkModel, DocumentModel, IngestJobModel } from '../models.ts';
import type { DocumentFilter } from '../schema.generated.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

/** One page of a list; the cursor of each item is given with it. */
export interface Page<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly totalCount: number;
}

interface DocumentRow {
  readonly tenant: string;
  readonly id: string;
  readonly title: string;
  readonly modality: DocumentModel['modality'];
  readonly media_type: string | null;
  readonly byte_size: number | null;
  readonly source: string | null;
  readonly author: string | null;
  readonly year: number | null;
  readonly published_at: Date | null;
  readonly tags: string[];
  readonly metadata: Record<string, unknown>;
  readonly contains_pii: boolean;
  readonly state: DocumentModel['state'];
  readonly version: number;
  readonly gaps: DocumentModel['gaps'] | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const selectDocuments = `
  select d.*, v.media_type, v.byte_size, v.gaps from documents d
  left join document_versions v on v.tenant = d.tenant and v.document_id = d.id and v.version = d.version`;

const toDocument = (row: DocumentRow): DocumentModel => ({
  tenant: row.tenant,
  id: row.id,
  title: row.title,
  modality: row.modality,
  mediaType: row.media_type ?? 'application/octet-stream',
  byteSize: row.byte_size ?? 0,
  source: row.source,
  author: row.author,
  year: row.year,
  publishedAt: row.published_at,
  tags: row.tags,
  metadata: row.metadata,
  containsPii: row.contains_pii,
  state: row.state,
  version: row.version,
  gaps: row.gaps ?? [],
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** Documents by their ids, in any order; deleted ones as what is left of them. */
export async function findDocuments(
  client: PoolClient,
  tenant: string,
  ids: readonly string[],
): Promise<DocumentModel[]> {
  const { rows } = await client.query<DocumentRow>(
    `${selectDocuments} where d.tenant = $1 and d.id = any($2)`,
    [tenant, ids],
  );
  return rows.map(toDocument);
}

interface ChunkRow {
  readonly tenant: string;
  readonly chunk_id: string;
  readonly document_id: string;
  readonly modality: ChunkModel['modality'];
  readonly ordinal: number;
  readonly text: string | null;
  readonly locator: ChunkModel['locator'];
}

const toChunk = (row: ChunkRow): ChunkModel => ({
  tenant: row.tenant,
  id: row.chunk_id,
  documentId: row.document_id,
  modality: row.modality,
  ordinal: row.ordinal,
  text: row.text,
  locator: row.locator,
});

/** Passages that can be found, by their ids, in any order. */
export async function findChunks(
  client: PoolClient,
  tenant: string,
  ids: readonly string[],
): Promise<ChunkModel[]> {
  const { rows } = await client.query<ChunkRow>(
    'select * from visible_chunks where tenant = $1 and chunk_id = any($2)',
    [tenant, ids],
  );
  return rows.map(toChunk);
}

export async function findJob(
  client: PoolClient,
  tenant: string,
  id: string,
): Promise<IngestJobModel | null> {
  const { rows } = await client.query<Parameters<typeof toJob>[0]>(
    'select * from jobs where tenant = $1 and id = $2',
    [tenant, id],
  );
  return rows[0] === undefined ? null : toJob(rows[0]);
}

/** The jobs with these ids that there are, in any order. */
export async function findJobs(
  client: PoolClient,
  tenant: string,
  ids: readonly string[],
): Promise<IngestJobModel[]> {
  const { rows } = await client.query<Parameters<typeof toJob>[0]>(
    'select * from jobs where tenant = $1 and id = any($2)',
    [tenant, ids],
  );
  return rows.map(toJob);
}

/** A tenant's documents, newest first. */
export async function listDocuments(
  client: PoolClient,
  tenant: string,
  filter: DocumentFilter,
  first: number,
  after: string | null,
): Promise<Page<DocumentModel>> {
  const parameters: unknown[] = [tenant];
  const parameter = (value: unknown) => `$${parameters.push(value)}`;
  const conditions = ['d.tenant = $1'];
  const states = filter.states ?? null;
  if (states !== null) conditions.push(`d.state = any(${parameter(states)})`);
  if (!states?.includes('DELETED')) conditions.push('d.deleted_at is null');
  if (filter.modalities) conditions.push(`d.modality = any(${parameter(filter.modalities)})`);
  if (filter.tags) conditions.push(`d.tags @> ${parameter(filter.tags)}`);
  if (typeof filter.author === 'string') conditions.push(`d.author = ${parameter(filter.author)}`);
  if (typeof filter.source === 'string') conditions.push(`d.source = ${parameter(filter.source)}`);
  if (filter.titleContains) {
    conditions.push(`strpos(lower(d.title), lower(${parameter(filter.titleContains)})) > 0`);
  }
  const where = conditions.join(' and ');
  const { rows: counted } = await client.query<{ count: number }>(
    `select count(*) from documents d where ${where}`,
    parameters,
  );
  const [createdAt, id] = after === null ? [] : decodeCursor(after, 2);
  const behind =
    after === null
      ? ''
      : `and (d.created_at, d.id) < (${parameter(createdAt)}::timestamptz, ${parameter(id)})`;
  const { rows } = await client.query<DocumentRow & { created_text: string }>(
    `${selectDocuments.replace('select d.*', 'select d.*, d.created_at::text as created_text')}
     where ${where} ${behind} order by d.created_at desc, d.id desc limit ${parameter(first + 1)}`,
    parameters,
  );
  return {
    edges: rows
      .slice(0, first)
      .map((row) => ({ cursor: encodeCursor(row.created_text, row.id), node: toDocument(row) })),
    hasNextPage: rows.length > first,
    hasPreviousPage: after !== null,
    totalCount: counted[0]?.count ?? 0,
  };
}

/** A document's passages that can be found, in reading order. */
export async function listChunks(
  client: PoolClient,
  tenant: string,
  documentId: string,
  first: number,
  after: string | null,
): Promise<Page<ChunkModel>> {
  const [ordinal, id] = after === null ? ['-1', ''] : decodeCursor(after, 2);
  if (!/^-?\d{1,9}$/.test(ordinal ?? '')) {
    throw rejected('INVALID_CURSOR', 'This is not a cursor of this list.', { field: 'after' });
  }
  const { rows } = await client.query<ChunkRow>(
    // Another view of a passage is no further passage; asked for by its id it can still be read.
    `select * from visible_chunks where tenant = $1 and document_id = $2 and (ordinal, chunk_id) > ($3, $4)
       and view_of is null
     order by ordinal, chunk_id limit $5`,
    [tenant, documentId, ordinal, id, first + 1],
  );
  const { rows: counted } = await client.query<{ count: number }>(
    'select count(*) from visible_chunks where tenant = $1 and document_id = $2 and view_of is null',
    [tenant, documentId],
  );
  return {
    edges: rows
      .slice(0, first)
      .map((row) => ({ cursor: encodeCursor(row.ordinal, row.chunk_id), node: toChunk(row) })),
    hasNextPage: rows.length > first,
    hasPreviousPage: after !== null,
    totalCount: counted[0]?.count ?? 0,
  };
}
