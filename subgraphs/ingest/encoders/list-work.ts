import type { Database } from '../../../platform/postgres/database.ts';
import type { EncoderMigrationModel } from '../models.ts';
import { changeMigration } from './encoder-migrations.ts';

/** Any number; the key of the lock that lets one process list at a time. */
const listingLock = 7_294_117_007;
/** So many documents are gone through in one transaction. */
const pageSize = 500;

/**
 * Goes through the next documents, and leaves those as work that have passages without a vector of the target.
 * One process at a time; the others do not wait for it.
 *
 * @returns whether it has done something.
 */
export function listWork(database: Database, { id, target }: EncoderMigrationModel): Promise<boolean> {
  return database.forWorker(async (client) => {
    const { rows: held } = await client.query<{ free: boolean }>(
      'select pg_try_advisory_xact_lock($1) as free',
      [listingLock],
    );
    if (held[0]?.free !== true) return false;
    const { rows: positions } = await client.query<{ tenant: string; document: string }>(
      `select listed_tenant as tenant, listed_document as document from encoder_migrations
       where id = $1 and not listed and state in ('RUNNING', 'READY')`,
      [id],
    );
    const [position] = positions;
    if (position === undefined) return false;
    const { rows: page } = await client.query<{ tenant: string; id: string }>(
      `select tenant, id from documents where (tenant, id) > ($1, $2) order by tenant, id limit $3`,
      [position.tenant, position.document, pageSize],
    );
    const last = page.at(-1);
    if (last === undefined) {
      await changeMigration(client, id, { listed: true });
      return true;
    }
    const { rows } = await client.query<{ total: number; present: number }>(
      `with counted as (
         select v.tenant, v.document_id,
                count(*) filter (where $3 <> all (coalesce(c.encoded_by, array[c.fingerprint])))::int as missing,
                count(*) filter (where $3 = any (coalesce(c.encoded_by, array[c.fingerprint])))::int as present
         from unnest($1::text[], $2::text[]) as page (tenant, id)
         join visible_chunks v on v.tenant = page.tenant and v.document_id = page.id
         join chunks c on c.tenant = v.tenant and c.id = v.chunk_id and c.family = 'text'
         group by v.tenant, v.document_id),
       added as (
         insert into encoder_work (fingerprint, tenant, document_id, missing)
         select $3, tenant, document_id, missing from counted where missing > 0
         on conflict do nothing returning missing)
       select coalesce((select sum(missing) from added), 0)::int as total,
              coalesce((select sum(present) from counted), 0)::int as present`,
      [page.map(({ tenant }) => tenant), page.map((each) => each.id), target],
    );
    await changeMigration(client, id, {
      listed: page.length < pageSize,
      listedUpTo: { tenant: last.tenant, documentId: last.id },
      total: rows[0]?.total ?? 0,
      present: rows[0]?.present ?? 0,
    });
    return true;
  });
}
