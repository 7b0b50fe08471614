import { rejected } from '../../../platform/errors.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import type { EncoderModel } from '../models.ts';
import { countVectors } from './count-vectors.ts';
import { knownEncoders } from './known-encoders.ts';

/** Which encoder serves now. */
export interface Switched {
  readonly serving: EncoderModel;
  readonly previous: string;
  readonly switchedAt: Date;
}

/**
 * Switches the one flag that says which encoder serves searches. Switching back is the same.
 *
 * @throws TributaryError `REJECTED_INPUT` where passages lack a vector of it and nobody forces it, where no process
 * has it loaded, or where passages are given no vectors of it.
 */
export function switchEncoder(database: Database, fingerprint: string, force: boolean): Promise<Switched> {
  return database.forWorker(async (client) => {
    // Two who switch at once do so one after the other.
    await client.query('select from encoder_state for update');
    const encoders = await knownEncoders(client);
    const wanted = encoders.find((encoder) => encoder.fingerprint === fingerprint);
    const previous = encoders.find(({ serving }) => serving);
    const allowed = encoders.filter(({ kept }) => kept);
    if (wanted?.kept !== true || previous === undefined) {
      throw rejected(
        'UNKNOWN_ENCODER',
        `Passages are given no vectors of the encoder ${JSON.stringify(fingerprint.slice(0, 64))}. ${
          allowed.length === 0
            ? 'Start a migration to it first.'
            : `Allowed: ${allowed.map((each) => `${each.fingerprint} (${each.model})`).join(', ')}.`
        }`,
        { field: 'fingerprint' },
      );
    }
    if (!wanted.loaded && !force) {
      throw rejected(
        'ENCODER_NOT_LOADED',
        `No process has said within the last minute that it has ${wanted.model} loaded. Start the services with it, or force it.`,
        { field: 'fingerprint' },
      );
    }
    const count = await countVectors(client, fingerprint);
    if (count.missing > 0 && !force) {
      throw rejected(
        'VECTORS_MISSING',
        `${count.missing} of ${count.missing + count.vectors} passages have no vector of ${wanted.model} yet and would not be found. Wait for the migration, or force it.`,
        { field: 'force' },
      );
    }
    const { rows } = await client.query<{ previous: string; switched_at: Date }>(
      wanted.serving
        ? 'select coalesce(previous, $1) as previous, coalesce(switched_at, now()) as switched_at from encoder_state'
        : `update encoder_state set previous = $2, serving = $1, switched_at = now()
           returning previous, switched_at`,
      wanted.serving ? [fingerprint] : [fingerprint, previous.fingerprint],
    );
    const [row] = rows;
    if (row === undefined) throw new Error('The row of the serving encoder is missing.');
    // What was remembered of either encoder while passages still lacked vectors is remembered no more.
    if (!wanted.serving) await client.query('update corpus_epochs set epoch = epoch + 1');
    return {
      serving: { ...wanted, ...count, serving: true },
      previous: row.previous,
      switchedAt: row.switched_at,
    };
  });
}
