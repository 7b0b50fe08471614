import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Database } from '../../platform/postgres/database.ts';
import type { Subject } from './types.ts';

/** What something was found out from. */
export interface DerivationKey {
  /** What was found out: `transcript`, `lines`. */
  readonly kind: string;
  /** The fingerprint of the model that found it out. */
  readonly model: string;
  /** SHA-256 of what it was found out from. */
  readonly digest: string;
}

/**
 * What models have read or heard in parts of one document, kept for as long as the document: where a part of it
 * changes, only that is read or heard again.
 */
export interface Derivations {
  /** What is known under the key, or else what `make` finds out. The schema guards against what an older version kept. */
  reuse<T>(key: DerivationKey, schema: z.ZodType<T>, make: () => Promise<T>): Promise<T>;
}

/** Keeps derivations in PostgreSQL, beside the document. */
export function createDerivations({ tenant, documentId, version }: Subject, database: Database): Derivations {
  return {
    async reuse(key, schema, make) {
      const name = createHash('sha256')
        .update(JSON.stringify([key.kind, key.model, key.digest]))
        .digest('hex');
      const known = await database.forWorker(async (client) => {
        const { rows } = await client.query<{ value: unknown }>(
          `update derivations set seen_version = $4
           where tenant = $1 and document_id = $2 and name = $3 returning value`,
          [tenant, documentId, name, version],
        );
        return rows[0];
      });
      const parsed = known === undefined ? null : schema.safeParse(known.value);
      if (parsed?.success === true) return parsed.data;
      const value = await make();
      await database.forWorker((client) =>
        client.query(
          `insert into derivations (tenant, document_id, name, value, seen_version) values ($1, $2, $3, $4, $5)
           on conflict (tenant, document_id, name) do update set value = excluded.value, seen_version = excluded.seen_version`,
          [tenant, documentId, name, JSON.stringify(value), version],
        ),
      );
      return value;
    },
  };
}
