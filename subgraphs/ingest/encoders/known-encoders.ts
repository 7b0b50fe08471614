import type { PoolClient } from 'pg';
import type { EncoderSet } from '../../../platform/encoder/encoder-set.ts';
import type { EncoderModel } from '../models.ts';
import { countVectors } from './count-vectors.ts';

/** An encoder whose processes have said nothing for so long is not loaded any more. */
const loadedMs = 60_000;

/** What is known of an encoder without counting. */
export type KnownEncoder = Omit<EncoderModel, 'vectors' | 'missing'> & {
  /** Whether it is what processes are configured to serve with. */
  readonly usual: boolean;
};

/** Says which encoders this process has loaded; to be said again well within a minute. */
export async function registerEncoders(client: PoolClient, encoders: EncoderSet): Promise<void> {
  for (const encoder of encoders.all) {
    const { fingerprint, model } = encoder.description;
    await client.query(
      `insert into encoders (fingerprint, model, usual) values ($1, $2, $3)
       on conflict (fingerprint) do update set model = excluded.model, usual = excluded.usual, loaded_at = now()`,
      [fingerprint, model, encoder === encoders.usual],
    );
  }
}

/** The encoders that are loaded somewhere, or kept; those that are configured to serve first. */
export async function knownEncoders(client: PoolClient): Promise<KnownEncoder[]> {
  const { rows } = await client.query<KnownEncoder>(
    `with known as (
       select *, loaded_at > now() - $1 * interval '1 millisecond' as loaded from encoders),
     serving as (
       select coalesce((select serving from encoder_state),
                       (select fingerprint from known where usual and loaded order by loaded_at desc limit 1)) as fingerprint)
     select k.fingerprint, k.model, k.usual, k.kept, k.loaded,
            k.fingerprint is not distinct from (select fingerprint from serving) as serving
     from known k where k.loaded or k.kept
     order by k.usual desc, k.fingerprint`,
    [loadedMs],
  );
  return rows;
}

/** The same, with their vectors counted. */
export async function listEncoders(client: PoolClient): Promise<EncoderModel[]> {
  const encoders: EncoderModel[] = [];
  for (const encoder of await knownEncoders(client)) {
    encoders.push({ ...encoder, ...(await countVectors(client, encoder.fingerprint)) });
  }
  return encoders;
}
