import type { PoolClient } from 'pg';
import type { EncoderSet } from '../../../platform/encoder/encoder-set.ts';
import { notLoaded } from '../../../platform/encoder/serving-encoder.ts';
import type { Encoder } from '../../../platform/ports/encoder.ts';
import type { CollectionName } from '../../../platform/ports/vector-store.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import { collectionIn, type Tier } from '../tiers/tier.ts';

/** The key of the lock that keeps apart who marks passages and who changes which encoders are kept. */
const keptLock = 7_294_117_006;

/** Of which encoders passages get vectors at this moment. */
export interface WritingPlan {
  /** The one that serves searches; null where this process has not loaded it. */
  readonly serving: Encoder | null;
  readonly servingFingerprint: string;
  /** What goes into the ids of passages, whichever encoders they have vectors of. */
  readonly chunkFingerprint: string;
  /** Every encoder that passages are to have a vector of, the serving one first. */
  readonly fingerprints: readonly string[];
  /** Those of them that this process has loaded. What the others lack is made by processes that have them. */
  readonly encoders: readonly Encoder[];
}

/** Reads which encoders are kept, and which one serves. */
export function planWriting(database: Database, encoders: EncoderSet): Promise<WritingPlan> {
  return database.forWorker((client) => readWritingPlan(client, encoders));
}

/** The same, within a transaction. */
export async function readWritingPlan(client: PoolClient, encoders: EncoderSet): Promise<WritingPlan> {
  const { rows } = await client.query<{
    serving: string | null;
    chunk_fingerprint: string | null;
    kept: string[];
  }>(
    `select serving, chunk_fingerprint,
            array(select fingerprint from encoders where kept order by fingerprint) as kept
     from encoder_state`,
  );
  const servingFingerprint = rows[0]?.serving ?? encoders.usual.description.fingerprint;
  const fingerprints = [...new Set([servingFingerprint, ...(rows[0]?.kept ?? [])])];
  return {
    serving: encoders.find(servingFingerprint),
    servingFingerprint,
    chunkFingerprint: rows[0]?.chunk_fingerprint ?? servingFingerprint,
    fingerprints,
    encoders: fingerprints.flatMap((fingerprint) => encoders.find(fingerprint) ?? []),
  };
}

/** The encoder that serves. @throws TributaryError `UPSTREAM` where this process has not loaded it. */
export function servingOf({ serving, servingFingerprint }: WritingPlan, encoders: EncoderSet): Encoder {
  if (serving === null) throw notLoaded(servingFingerprint, encoders);
  return serving;
}

/** The collection of an encoder's passages of text: in memory, unless a tier is named. */
export const textCollection = (fingerprint: string, tier: Tier = 'HOT'): CollectionName =>
  collectionIn({ family: 'text', fingerprint }, tier);

/** Until the transaction ends, which encoders are kept does not change. */
export async function holdKept(client: PoolClient): Promise<void> {
  await client.query('select pg_advisory_xact_lock_shared($1)', [keptLock]);
}

/** Lets nobody mark passages until the transaction ends: held while it is changed which encoders are kept. */
export async function lockKept(client: PoolClient): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [keptLock]);
}

/** Says that passages have vectors of these encoders and of no others; of one that was retired they have none. */
export async function markEncoded(
  client: PoolClient,
  tenant: string,
  chunkIds: readonly string[],
  fingerprints: readonly string[],
): Promise<void> {
  await holdKept(client);
  await client.query(
    `update chunks set encoded_by = ${encodedBy('$3')} where tenant = $1 and id = any($2)
       and coalesce(encoded_by, array[fingerprint]) is distinct from ${encodedBy('$3')}`,
    [tenant, chunkIds, fingerprints],
  );
}

/** SQL: the encoders of a parameter, without those that were retired. */
export const encodedBy = (parameter: string): string =>
  `array(select given from unnest(${parameter}::text[]) as given
         where not exists (select from encoders where fingerprint = given and retired))`;
