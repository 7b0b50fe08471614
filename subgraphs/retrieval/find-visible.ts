import type { Filter } from '../../platform/ports/vector-store.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { matchPath, rowTestsOf } from '../../platform/tables/match-cells.ts';
import type { Tier } from './types.ts';

/** What is known of a passage that the caller may see. */
export interface VisiblePassage {
  readonly chunkId: string;
  readonly documentId: string;
  /** Where its vectors are. */
  readonly tier: Tier;
  readonly family: string;
  readonly title: string;
  readonly text: string | null;
}

/**
 * Which of these the tenant may see at this moment: those of the visible versions of documents; without
 * those of cold documents where they were not asked for, which are in the hot collections for a moment more; and of
 * rows of tables those that have what the filter says of cells, which the vector store knows only roughly.
 *
 * @returns the passage that each stands for: another one for what is a view of that, and itself otherwise.
 */
export async function findVisibleIds(
  database: Database,
  tenant: string,
  chunkIds: readonly string[],
  includeCold: boolean,
  filter: Filter | null,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  if (chunkIds.length === 0) return new Map();
  const tests = rowTestsOf(filter);
  const { path, variables } = matchPath(tests);
  const { rows } = await database.forTenant(
    tenant,
    (client) =>
      client.query<{ chunk_id: string; passage_id: string }>(
        `select chunk_id, coalesce(view_of, chunk_id) as passage_id from visible_chunks
         where tenant = $1 and chunk_id = any($2) and ($3 or tier = 'HOT')
           and ($4::jsonpath is null or jsonb_path_exists(cells, $4, $5, true))`,
        [tenant, chunkIds, includeCold, tests.length === 0 ? null : path, JSON.stringify(variables)],
      ),
    { readOnly: true, signal },
  );
  return new Map(rows.map((row) => [row.chunk_id, row.passage_id]));
}

/** Those of these passages that the tenant may see at this moment, by their ids. */
export async function findVisiblePassages(
  database: Database,
  tenant: string,
  chunkIds: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, VisiblePassage>> {
  if (chunkIds.length === 0) return new Map();
  const { rows } = await database.forTenant(
    tenant,
    (client) =>
      client.query<Omit<VisiblePassage, 'chunkId'> & { readonly chunk_id: string }>(
        `select chunk_id, document_id as "documentId", tier, family, title, text from visible_chunks
         where tenant = $1 and chunk_id = any($2)`,
        [tenant, chunkIds],
      ),
    { readOnly: true, signal },
  );
  return new Map(
    rows.map(({ chunk_id: chunkId, ...passage }) => [chunkId, { chunkId, ...passage }] as const),
  );
}
