import type { Database } from '../../platform/postgres/database.ts';

/** What is known of a passage that the caller may see. */
export interface VisiblePassage {
  readonly chunkId: string;
  readonly family: string;
  readonly title: string;
  readonly text: string | null;
}

/** Which of these passages the tenant may see at this moment: those of the visible versions of documents. */
export async function findVisibleIds(
  database: Database,
  tenant: string,
  chunkIds: readonly string[],
  signal: AbortSignal,
): Promise<Set<string>> {
  if (chunkIds.length === 0) return new Set();
  const { rows } = await database.forTenant(
    tenant,
    (client) =>
      client.query<{ chunk_id: string }>(
        'select chunk_id from visible_chunks where tenant = $1 and chunk_id = any($2)',
        [tenant, chunkIds],
      ),
    { readOnly: true, signal },
  );
  return new Set(rows.map((row) => row.chunk_id));
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
      client.query<{ chunk_id: string; family: string; title: string; text: string | null }>(
        'select chunk_id, family, title, text from visible_chunks where tenant = $1 and chunk_id = any($2)',
        [tenant, chunkIds],
      ),
    { readOnly: true, signal },
  );
  return new Map(
    rows.map(({ chunk_id: chunkId, ...passage }) => [chunkId, { chunkId, ...passage }] as const),
  );
}
