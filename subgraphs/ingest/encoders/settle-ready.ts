import type { Database } from '../../../platform/postgres/database.ts';
import type { EncoderMigrationModel } from '../models.ts';
import { countVectors } from './count-vectors.ts';
import { changeMigration } from './encoder-migrations.ts';

/**
 * Says whether a migration whose documents were all gone through is ready, from a count of all passages. Where some
 * lack a vector and are nobody's work, the documents are gone through again.
 */
export function settleReady(
  database: Database,
  { id, target, state }: EncoderMigrationModel,
): Promise<EncoderMigrationModel | null> {
  return database.forWorker(async (client) => {
    const { rows } = await client.query<{ working: boolean }>(
      'select exists (select from encoder_work where fingerprint = $1) as working',
      [target],
    );
    const working = rows[0]?.working === true;
    if (state === 'READY') return working ? changeMigration(client, id, { state: 'RUNNING' }) : null;
    if (working) return null;
    const { missing } = await countVectors(client, target);
    const { rowCount } = await client.query(
      missing > 0
        ? `update encoder_migrations set listed = false, listed_tenant = '', listed_document = '', passages_present = 0
           where id = $1 and state = 'RUNNING' and listed`
        : `update encoder_migrations set passages_total = passages_encoded
           where id = $1 and state = 'RUNNING' and listed`,
      [id],
    );
    if (missing > 0 || rowCount !== 1) return null;
    return changeMigration(client, id, { state: 'READY' });
  });
}
