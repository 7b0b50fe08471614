import type { PoolClient } from 'pg';
import { otherTier, type Tier } from './tier.ts';

/** A document that is to move. */
export interface MovingDocument {
  readonly tenant: string;
  readonly id: string;
  /** What its time of change was when it was chosen. */
  readonly stamp: string;
}

/** Which documents are to move to a tier. */
export interface Choice {
  readonly to: Tier;
  /**
   * Documents that a search has shown, or that were changed, on the day of this instant or later are hot, the others
   * cold; null where all are hot.
   */
  readonly since: Date | null;
  /** Behind this document, in the order of tenants and ids. */
  readonly after: Place;
  readonly limit: number;
  readonly now: Date;
}

/** A place in the order of tenants and ids. */
export interface Place {
  readonly tenant: string;
  readonly id: string;
}

/** SQL: a document `d` that a job or a migration of encoders is at stays where it is until that is done. */
export const atRest = `d.deleted_at is null
  and not exists (select from jobs j where j.tenant = d.tenant and j.document_id = d.id
                    and j.state in ('QUEUED', 'RUNNING'))
  and not exists (select from encoder_work w where w.tenant = d.tenant and w.document_id = d.id)`;

const shown = `exists (select from document_use u where u.tenant = d.tenant and u.document_id = d.id
                         and u.shown_on >= ($4::timestamptz at time zone 'UTC')::date)`;

const due: Readonly<Record<Tier, string>> = {
  // What is still being removed from the other tier is moved once that is done.
  COLD: `d.two_tiers_since is null and d.visible_version is not null and d.updated_at < $4::timestamptz and not ${shown}`,
  HOT: `($4::timestamptz is null or ${shown})`,
};

/**
 * Chooses documents of one tenant that are due to move, and notes that their vectors may be in both tiers from now on.
 *
 * @returns them, and the place to go on behind; null where there are no more.
 */
export async function chooseDocuments(
  client: PoolClient,
  { to, since, after, limit, now }: Choice,
): Promise<{ readonly documents: readonly MovingDocument[]; readonly next: Place } | null> {
  const { rows: candidates } = await client.query<Place>(
    `select d.tenant, d.id from documents d
     where (d.tenant, d.id) > ($1, $2) and d.tier = $3 and ${due[to]} and ${atRest}
     order by d.tenant, d.id limit $5`,
    [after.tenant, after.id, otherTier(to), since, limit],
  );
  const ofTenant = candidates.filter(({ tenant }) => tenant === candidates[0]?.tenant);
  const next = ofTenant.at(-1);
  if (next === undefined) return null;
  const { rows: documents } = await client.query<MovingDocument>(
    `with chosen as (
       select tenant, id from documents where tenant = $1 and id = any($2) and tier = $3
       order by id for no key update skip locked)
     update documents d set two_tiers_since = $4 from chosen
     where d.tenant = chosen.tenant and d.id = chosen.id
     returning d.tenant, d.id, d.updated_at::text as stamp`,
    [next.tenant, ofTenant.map(({ id }) => id), otherTier(to), now],
  );
  return { documents, next };
}
