import type { Database } from '../../platform/postgres/database.ts';
import type { Modality } from '../../platform/types.ts';
import type { VectorSpace } from './types.ts';

/** What is known of a tenant's documents as a whole. */
export interface Corpus {
  /** Another word after every change of what can be found. It never comes back, even where a tenant is made anew. */
  readonly version: string;
  /** Whether it changed so lately that a replica of the vector store may not have it yet. */
  readonly changedLately: boolean;
  /** How many documents are cold, which a search looks at only where it is asked to. */
  readonly coldDocuments: number;
  /** The kinds of passages that there are, or were once. */
  readonly modalities: readonly Modality[];
  /** How many documents have passages without a vector of a space yet, because its encoder was missing; at most 1,000 are counted. */
  readonly withoutVectors: Readonly<Partial<Record<VectorSpace, number>>>;
}

/** After so long every replica of the vector store has a change, as `bounded` consistency promises it. */
const latelySeconds = 10;

/** Before its first document, and after its removal, a tenant has nothing that could be found. */
const nothing: Corpus = {
  version: 'empty',
  changedLately: true,
  coldDocuments: 0,
  modalities: [],
  withoutVectors: {},
};

/** The spaces whose vectors can be missing, by the tool that makes them. */
const spaceOfTool = { 'visual-encoder': 'VISUAL', 'sound-encoder': 'SOUND' } as const;
const mostCounted = 1000;

interface Row {
  readonly version: string;
  readonly lately: boolean;
  readonly cold: number;
  readonly modalities: Modality[];
}

/** Reads how the tenant's documents stand at this moment; from the primary, as a replica may not know of the newest deletion. */
export async function readCorpus(database: Database, tenant: string, signal: AbortSignal): Promise<Corpus> {
  return database.forTenant(
    tenant,
    async (client) => {
      const { rows } = await client.query<Row>(
        `select epoch || '@' || extract(epoch from changed_at) as version,
           changed_at > clock_timestamp() - $2 * interval '1 second' as lately,
           cold_documents as cold, modalities
         from corpus_epochs where tenant = $1`,
        [tenant, latelySeconds],
      );
      const [row] = rows;
      if (row === undefined) return nothing;
      const { version, lately, cold, modalities } = row;
      const known = { version, changedLately: lately, coldDocuments: cold, modalities };
      // Nothing can be missing where there are words alone.
      if (modalities.every((modality) => modality === 'TEXT' || modality === 'TABLE')) {
        return { ...known, withoutVectors: {} };
      }
      const missing = await client.query<{ tool: string; documents: number }>(
        `select tool, count(*)::int as documents
         from (select v.lacks from document_versions v
               join documents d on d.tenant = v.tenant and d.id = v.document_id and d.visible_version = v.version
               where v.tenant = $1 and v.lacks && $2 and v.lacks <> '{}' and d.deleted_at is null
               limit $3) as lacking, unnest(lacks) as tool
         group by tool`,
        [tenant, Object.keys(spaceOfTool), mostCounted],
      );
      const withoutVectors: Partial<Record<VectorSpace, number>> = {};
      for (const { tool, documents } of missing.rows) {
        if (tool === 'visual-encoder' || tool === 'sound-encoder') {
          withoutVectors[spaceOfTool[tool]] = documents;
        }
      }
      return { ...known, withoutVectors };
    },
    { readOnly: true, signal },
  );
}
