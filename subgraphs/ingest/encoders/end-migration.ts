import { rejected } from '../../../platform/errors.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import type { EncoderMigrationModel } from '../models.ts';
import { countVectors } from './count-vectors.ts';
import { changeMigration, findMigration } from './encoder-migrations.ts';
import { noMigration } from './follow-migration.ts';
import { lockKept } from './plan-writing.ts';

/**
 * Ends a migration: from now on passages are given no vectors of the encoder that is given up, and those that are
 * there are removed, once no search that began before can be at them any more. Asked again, it gives the same.
 *
 * @param how `finish` gives the old encoder up, `cancel` the new one.
 * @throws TributaryError `NOT_FOUND`; `REJECTED_INPUT` where the one that would be given up serves, or passages lack a
 * vector of the one that would stay.
 */
export function endMigration(
  database: Database,
  id: string,
  how: 'finish' | 'cancel',
): Promise<EncoderMigrationModel> {
  return database.forWorker(async (client) => {
    await lockKept(client);
    // Nobody switches meanwhile.
    const { rows } = await client.query<{ serving: string | null }>(
      'select serving from encoder_state for update',
    );
    const migration = await findMigration(client, id);
    if (migration === null) throw noMigration(id);
    const [ending, over] =
      how === 'finish' ? (['FINISHING', 'FINISHED'] as const) : (['CANCELLING', 'CANCELLED'] as const);
    if (migration.state === ending || migration.state === over) return migration;
    if (migration.state !== 'RUNNING' && migration.state !== 'READY') {
      throw rejected('MIGRATION_ENDED', `The migration ${id} is ${migration.state.toLowerCase()} already.`);
    }
    const { source, sourceModel, target, targetModel } = migration;
    const [given, stays] = how === 'finish' ? [source, target] : [target, source];
    const [givenModel, staysModel] =
      how === 'finish' ? [sourceModel, targetModel] : [targetModel, sourceModel];
    if (rows[0]?.serving === given) {
      throw rejected(
        'ENCODER_SERVES',
        `${givenModel} (${given}) serves searches. Switch to ${staysModel} (${stays}) first.`,
      );
    }
    const { missing } = await countVectors(client, stays);
    if (missing > 0) {
      throw rejected(
        'VECTORS_MISSING',
        `${missing} passages have no vector of ${staysModel} yet and would not be found by anything. Wait until they have one.`,
      );
    }
    await client.query('update encoders set kept = false, retired = true where fingerprint = $1', [given]);
    await client.query('delete from encoder_work where fingerprint = $1', [given]);
    const changed = await changeMigration(client, id, { state: ending });
    if (changed === null) throw noMigration(id);
    return changed;
  });
}
