import type { PoolClient } from 'pg';
import type { Modality } from '../../../platform/types.ts';
import { searchTextOf } from '../encode.ts';
import { toAttributes } from '../jobs/work.ts';
import type { Tier } from '../tiers/tier.ts';
import type { Attributes } from '../types.ts';

/** A document with passages that lack a vector, taken for a while. */
export interface TakenDocument {
  readonly tenant: string;
  readonly documentId: string;
  readonly failures: number;
}

/** A passage that lacks a vector, with what its vector is stored with. */
export interface MissingPassage {
  readonly id: string;
  readonly tenant: string;
  readonly documentId: string;
  readonly modality: Modality;
  readonly searchText: string;
  readonly cells: Readonly<Record<string, unknown>> | null;
  readonly attributes: Attributes;
  /** Where its document's vectors are. */
  readonly tier: Tier;
  /** What the document's time of change was when this was read. */
  readonly stamp: string;
}

/**
 * Takes up to `limit` documents that wait, or whose taker has not been heard of for the time of its lease; one that
 * has failed before by itself, so that it holds up no others.
 */
export async function takeDocuments(
  client: PoolClient,
  options: {
    readonly fingerprint: string;
    readonly limit: number;
    readonly leaseId: string;
    readonly leaseMs: number;
  },
): Promise<TakenDocument[]> {
  const { rows } = await client.query<{ tenant: string; document_id: string; failures: number }>(
    `with waiting as materialized (
       select fingerprint, tenant, document_id, failures from encoder_work
       where fingerprint = $1 and run_after <= now() and (lease_until is null or lease_until < now())
       order by run_after limit $2 for update skip locked),
     chosen as (
       select * from waiting where failures = 0
       union all
       (select * from waiting where failures > 0 and not exists (select from waiting where failures = 0) limit 1))
     update encoder_work w set lease_id = $3, lease_until = now() + $4 * interval '1 millisecond'
     from chosen c
     where w.fingerprint = c.fingerprint and w.tenant = c.tenant and w.document_id = c.document_id
     returning w.tenant, w.document_id, w.failures`,
    [options.fingerprint, options.limit, options.leaseId, options.leaseMs],
  );
  return rows.map(({ tenant, document_id, failures }) => ({ tenant, documentId: document_id, failures }));
}

type PassageRow = Parameters<typeof toAttributes>[0] & {
  readonly chunk_id: string;
  readonly tenant: string;
  readonly document_id: string;
  readonly modality: Modality;
  readonly text: string | null;
  readonly cells: Readonly<Record<string, unknown>> | null;
  readonly tier: Tier;
  readonly stamp: string;
};

/** The passages of documents that lack a vector; none of a document that a job is at, which writes them itself. */
export async function readMissing(
  client: PoolClient,
  documents: readonly TakenDocument[],
  fingerprint: string,
  limit: number,
): Promise<MissingPassage[]> {
  const { rows } = await client.query<PassageRow>(
    `select c.id as chunk_id, c.tenant, c.document_id, c.modality, c.text, c.cells, d.tier, d.updated_at::text as stamp,
            d.title, d.title_given, d.author_given, d.author, d.source, d.year, d.published_at, d.tags, d.metadata,
            d.contains_pii
     from unnest($1::text[], $2::text[]) as taken (tenant, id)
     join documents d on d.tenant = taken.tenant and d.id = taken.id
     join visible_chunks v on v.tenant = d.tenant and v.document_id = d.id
     join chunks c on c.tenant = v.tenant and c.id = v.chunk_id
     where c.family = 'text' and $3 <> all (coalesce(c.encoded_by, array[c.fingerprint]))
       and not exists (select from jobs j where j.tenant = d.tenant and j.document_id = d.id
                         and j.state in ('QUEUED', 'RUNNING'))
     order by c.tenant, c.document_id, c.ordinal limit $4`,
    [
      documents.map(({ tenant }) => tenant),
      documents.map(({ documentId }) => documentId),
      fingerprint,
      limit,
    ],
  );
  return rows.map((row) => ({
    id: row.chunk_id,
    tenant: row.tenant,
    documentId: row.document_id,
    modality: row.modality,
    cells: row.cells,
    searchText: searchTextOf(row.title, row.text ?? ''),
    attributes: toAttributes(row),
    tier: row.tier,
    stamp: row.stamp,
  }));
}

/** Puts documents back after a failure, to be tried again later and later. */
export async function postponeDocuments(
  client: PoolClient,
  documents: readonly TakenDocument[],
  options: { readonly fingerprint: string; readonly leaseId: string },
): Promise<void> {
  await client.query(
    `update encoder_work w set failures = w.failures + 1, lease_id = null, lease_until = null,
       run_after = now() + least(60000, 250 * 2 ^ least(w.failures, 10)) * interval '1 millisecond'
     from unnest($1::text[], $2::text[]) as taken (tenant, id)
     where w.fingerprint = $3 and w.lease_id = $4 and w.tenant = taken.tenant and w.document_id = taken.id`,
    [
      documents.map(({ tenant }) => tenant),
      documents.map(({ documentId }) => documentId),
      options.fingerprint,
      options.leaseId,
    ],
  );
}
