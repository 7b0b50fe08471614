import DataLoader from 'dataloader';
import type { Database } from '../../platform/postgres/database.ts';
import type { OperationContext } from '../../platform/subgraph.ts';
import { findChunks, findDocuments, findJobs } from './documents/documents.ts';
import { findPreviews } from './documents/find-previews.ts';
import type { ChunkModel, DocumentModel, IngestJobModel } from './models.ts';

/** What resolvers of this subgraph get: the operation, with loaders that ask once for many. */
export interface IngestContext extends OperationContext {
  /** Documents by id, deleted ones too, as what is left of them; null where there is none. */
  readonly documents: DataLoader<string, DocumentModel | null>;
  /** Passages that can be found, by id. */
  readonly chunks: DataLoader<string, ChunkModel | null>;
  readonly jobs: DataLoader<string, IngestJobModel | null>;
  /** The id of the passage whose picture shows a passage; null where there is none. */
  readonly previews: DataLoader<ChunkModel, string | null, string>;
}

export function createIngestContext(operation: OperationContext, database: Database): IngestContext {
  const { tenant } = operation.identity;
  const options = { signal: operation.signal, readOnly: true };
  return {
    ...operation,
    documents: new DataLoader(async (ids) =>
      inOrder(ids, await database.forTenant(tenant, (client) => findDocuments(client, tenant, ids), options)),
    ),
    chunks: new DataLoader(async (ids) =>
      inOrder(ids, await database.forTenant(tenant, (client) => findChunks(client, tenant, ids), options)),
    ),
    jobs: new DataLoader(async (ids) =>
      inOrder(ids, await database.forTenant(tenant, (client) => findJobs(client, tenant, ids), options)),
    ),
    previews: new DataLoader(
      async (chunks) => {
        const found = await database.forTenant(
          tenant,
          (client) => findPreviews(client, tenant, chunks),
          options,
        );
        return chunks.map(({ id }) => found.get(id) ?? null);
      },
      { cacheKeyFn: ({ id }) => id },
    ),
  };
}

function inOrder<T extends { readonly id: string }>(
  ids: readonly string[],
  found: readonly T[],
): (T | null)[] {
  const byId = new Map(found.map((item) => [item.id, item]));
  return ids.map((id) => byId.get(id) ?? null);
}
