import type { Database } from '../../platform/postgres/database.ts';

/** What is known of a tenant's documents as a whole. */
export interface Corpus {
  /** Another word after every change of what can be found. It never comes back, even where a tenant is made anew. */
  readonly version: string;
  /** Whether it changed so lately that a replica of the vector store may not have it yet. */
  readonly changedLately: boolean;
  /** How many documents are cold, which a search looks at only where it is asked to. */
  readonly coldDocuments: number;
}

/** After so long every replica of the vector store has a change, as `bounded` consistency promises it. */
const latelySeconds = 10;

/** Before its first document, and after its removal, a tenant has nothing that could be found. */
const nothing: Corpus = { version: 'empty', changedLately: true, coldDocuments: 0 };

/** Reads how the tenant's documents stand at this moment; from the primary, as a replica may not know of the newest deletion. */
export async function readCorpus(database: Database, tenant: string, signal: AbortSignal): Promise<Corpus> {
  const { rows } = await database.forTenant(
    tenant,
    (client) =>
      client.query<{ version: string; lately: boolean; cold: number }>(
        `select epoch || '@' || extract(epoch from changed_at) as version,
           changed_at > clock_timestamp() - $2 * interval '1 second' as lately,
           cold_documents as cold
         from corpus_epochs where tenant = $1`,
        [tenant, latelySeconds],
      ),
    { readOnly: true, signal },
  );
  const [row] = rows;
  if (row === undefined) return nothing;
  return { version: row.version, changedLately: row.lately, coldDocuments: row.cold };
}
