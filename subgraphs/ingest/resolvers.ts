import { rejected } from '../../platform/errors.ts';
import { scalars } from '../../platform/graphql/scalars.ts';
import { isId } from '../../platform/ids.ts';
import type { IngestContext } from './context.ts';
import { parseAttributes, parseName } from './documents/attributes.ts';
import { deleteDocument } from './documents/delete-document.ts';
import { listChunks, listDocuments, type Page } from './documents/documents.ts';
import { findReceipt } from './documents/receipts.ts';
import { removeTenant } from './documents/remove-tenant.ts';
import { createEncoderResolvers, type EncoderResolverDependencies } from './encoders/encoder-resolvers.ts';
import { toLocator } from './graphql/locator.ts';
import { outcome } from './graphql/outcome.ts';
import type { ContentUrls } from './http/content-url.ts';
import { requireScope } from './http/scopes.ts';
import { createUpload, type UploadDependencies } from './http/uploads.ts';
import { followJob } from './jobs/follow-job.ts';
import type { NotificationHub } from './jobs/notification-hub.ts';
import type { ChunkModel, DeletionReceiptModel, DocumentModel, IngestEventModel } from './models.ts';
import { type Origin, receive, receiveChange } from './receive.ts';
import type { Resolvers } from './schema.generated.ts';
import type { StoreDependencies } from './store.ts';

export interface ResolverDependencies
  extends UploadDependencies,
    StoreDependencies,
    EncoderResolverDependencies {
  readonly contentUrls: ContentUrls;
  readonly jobEvents: NotificationHub;
  /** Waits a moment for the purge of a document, so that its receipt is most often complete. */
  awaitReceipt(
    tenant: string,
    receipt: DeletionReceiptModel,
    signal: AbortSignal,
  ): Promise<DeletionReceiptModel>;
}

const maxPage = 200;

function pageSize(first: number | null | undefined): number {
  const size = first ?? 20;
  if (size < 1 || size > maxPage) {
    throw rejected('INVALID_PAGE_SIZE', `first is ${size}; 1 to ${maxPage} are allowed.`, { field: 'first' });
  }
  return size;
}

const toConnection = <T>({ edges, hasNextPage, hasPreviousPage, totalCount }: Page<T>) => ({
  edges,
  nodes: edges.map(({ node }) => node),
  pageInfo: {
    hasNextPage,
    hasPreviousPage,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges[edges.length - 1]?.cursor ?? null,
  },
  totalCount,
});

/** Exactly one of the ways that content can come by; null where none is given and none is needed. */
function originOf(
  input: {
    readonly uploadId?: string | null | undefined;
    readonly url?: string | null | undefined;
    readonly text?: string | null | undefined;
    readonly mediaType?: string | null | undefined;
  },
  allowed: string,
): Origin | null {
  const { uploadId = null, url = null, text = null, mediaType = null } = input;
  if ([uploadId, url, text].filter((value) => value !== null).length > 1) {
    throw rejected('AMBIGUOUS_CONTENT', `Exactly one of ${allowed} is needed, and there are several.`);
  }
  if (uploadId !== null) return { kind: 'upload', uploadId };
  if (url !== null) return { kind: 'url', url };
  if (text === null) return null;
  if (mediaType !== null && !['text/plain', 'text/markdown', 'text/html'].includes(mediaType)) {
    throw rejected(
      'UNSUPPORTED_MEDIA_TYPE',
      `mediaType is ${JSON.stringify(mediaType)}; text/plain, text/markdown and text/html are allowed for text.`,
      { field: 'mediaType' },
    );
  }
  return { kind: 'text', text, mediaType };
}

/** What a mutation changed is read anew by whatever the operation asks for next. */
async function changing<T>({ documents, chunks, jobs }: IngestContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    documents.clearAll();
    chunks.clearAll();
    jobs.clearAll();
    jobs.clearAll();
  }
}

/** The resolvers of the ingest subgraph: each parses, calls, and maps to the contract. */
export function createResolvers(dependencies: ResolverDependencies): Resolvers {
  const { database, contentUrls } = dependencies;
  const { migrationById, ...encoders } = createEncoderResolvers(dependencies);

  async function visibleDocument(id: string, context: IngestContext): Promise<DocumentModel | null> {
    requireScope(context.identity, 'documents:read');
    const document = isId('doc', id) ? await context.documents.load(id) : null;
    return document === null || document.state === 'DELETED' ? null : document;
  }

  async function chunkById(id: string, context: IngestContext) {
    requireScope(context.identity, 'documents:read');
    return isId('chk', id) ? context.chunks.load(id) : null;
  }

  async function jobById(id: string, context: IngestContext) {
    requireScope(context.identity, 'documents:read');
    return isId('job', id) ? context.jobs.load(id) : null;
  }

  /** Whether there is such an answer. The rest of it is another subgraph's, but what it fills in must be there. */
  async function hasAnswer(id: string, { identity, signal }: IngestContext): Promise<boolean> {
    requireScope(identity, 'answers:read');
    return database.forTenant(
      identity.tenant,
      async (client) => {
        const sql = 'select from answers where tenant = $1 and id = $2';
        const { rowCount } = await client.query(sql, [identity.tenant, id]);
        return rowCount === 1;
      },
      { signal, readOnly: true },
    );
  }

  function receiptById(id: string, { identity, signal }: IngestContext) {
    requireScope(identity, 'documents:read');
    return database.forTenant(identity.tenant, (client) => findReceipt(client, identity.tenant, id), {
      signal,
    });
  }

  async function documentOf(documentId: string, context: IngestContext): Promise<DocumentModel> {
    const document = await context.documents.load(documentId);
    if (document === null) throw new Error(`The document ${documentId} is missing.`);
    return document;
  }

  async function previewUrl(chunk: ChunkModel, { previews }: IngestContext): Promise<string | null> {
    const chunkId = await previews.load(chunk);
    return chunkId === null ? null : contentUrls.makePreview({ tenant: chunk.tenant, chunkId });
  }

  return {
    ...scalars,
    Query: {
      ...encoders.Query,
      async node(_parent, { id }, context) {
        if (isId('doc', id)) {
          const document = await visibleDocument(id, context);
          return document && { ...document, __typename: 'Document' };
        }
        if (isId('chk', id)) {
          const chunk = await chunkById(id, context);
          return chunk && { ...chunk, __typename: 'Chunk' };
        }
        if (isId('job', id)) {
          const job = await jobById(id, context);
          return job && { ...job, __typename: 'IngestJob' };
        }
        if (isId('rcp', id)) {
          const receipt = await receiptById(id, context);
          return receipt && { ...receipt, __typename: 'DeletionReceipt' };
        }
        if (isId('mig', id)) {
          const migration = await migrationById(id, context);
          return migration && { ...migration, __typename: 'EncoderMigration' };
        }
        return isId('ans', id) && (await hasAnswer(id, context)) ? { id, __typename: 'Answer' } : null;
      },
      document: (_parent, { id }, context) => visibleDocument(id, context),
      async documents(_parent, { filter, first, after }, { identity, signal }) {
        requireScope(identity, 'documents:read');
        const size = pageSize(first);
        const page = await database.forTenant(
          identity.tenant,
          (client) => listDocuments(client, identity.tenant, filter ?? {}, size, after ?? null),
          { signal, readOnly: true, replica: true },
        );
        return toConnection(page);
      },
      ingestJob: (_parent, { id }, context) => jobById(id, context),
      deletionReceipt: (_parent, { id }, context) => receiptById(id, context),
    },
    Mutation: {
      ...encoders.Mutation,
      createUpload: (_parent, { input }, { identity }) =>
        outcome(['Rejected', 'Busy'], async () => {
          requireScope(identity, 'documents:write');
          const ticket = await createUpload(identity.tenant, input, dependencies);
          return { ...ticket, __typename: 'UploadTicket' as const };
        }),
      ingestDocument: (_parent, { input }, context) =>
        changing(context, () =>
          outcome(['Rejected', 'Busy'], async () => {
            requireScope(context.identity, 'documents:write');
            const allowed = 'uploadId, url and text';
            const origin = originOf(input, allowed);
            if (origin === null)
              throw rejected('NO_CONTENT', `Exactly one of ${allowed} is needed, and there is none.`);
            const description = {
              source: parseName(input.source, 'source'),
              attributes: parseAttributes(input.attributes),
            };
            const job = await receive(
              context.identity.tenant,
              origin,
              () => description,
              dependencies,
              context.signal,
            );
            return { ...job, __typename: 'IngestJob' as const };
          }),
        ),
      updateDocument: (_parent, { input }, context) =>
        changing(context, () =>
          outcome(['Rejected', 'NotFound', 'Busy'], async () => {
            requireScope(context.identity, 'documents:write');
            const origin = originOf(input, 'uploadId and text');
            const attributes = parseAttributes(input.attributes);
            if (origin === null && Object.keys(attributes).length === 0) {
              throw rejected(
                'NOTHING_TO_CHANGE',
                'One of uploadId, text and attributes is needed, and there is none.',
              );
            }
            const job = await receiveChange(
              context.identity.tenant,
              input.id,
              origin,
              attributes,
              dependencies,
              context.signal,
            );
            return { ...job, __typename: 'IngestJob' as const };
          }),
        ),
      deleteDocument: (_parent, { id }, context) =>
        changing(context, () =>
          outcome(['NotFound', 'Denied'], async () => {
            requireScope(context.identity, 'documents:write');
            const receipt = await deleteDocument(context.identity.tenant, id, dependencies);
            const complete = await dependencies.awaitReceipt(
              context.identity.tenant,
              receipt,
              context.signal,
            );
            return { ...complete, __typename: 'DeletionReceipt' as const };
          }),
        ),
      removeTenant: (_parent, { tenant }, context) =>
        changing(context, () =>
          outcome(['Rejected', 'Denied'], async () => {
            requireScope(context.identity, 'admin');
            const removal = await removeTenant(tenant, dependencies, context.signal);
            return { ...removal, __typename: 'TenantRemoval' as const };
          }),
        ),
    },
    EncoderMigration: encoders.EncoderMigration,
    EncoderMigrationEvent: encoders.EncoderMigrationEvent,
    Subscription: {
      ...encoders.Subscription,
      ingestProgress: {
        subscribe: (_parent, { jobId }, { identity, signal }) => {
          requireScope(identity, 'documents:read');
          return followJob(identity.tenant, jobId, dependencies, signal);
        },
        resolve: (event: IngestEventModel, _arguments: unknown, { documents, jobs }: IngestContext) => {
          // Every event sees the document as it stands then.
          documents.clear(event.job.documentId);
          jobs.clear(event.job.id);
          return event;
        },
      },
    },
    Document: {
      __resolveReference: ({ id }, context) => visibleDocument(id, context),
      publishedAt: ({ publishedAt }) => publishedAt?.toISOString() ?? null,
      createdAt: ({ createdAt }) => createdAt.toISOString(),
      updatedAt: ({ updatedAt }) => updatedAt.toISOString(),
      gaps: ({ gaps }) => gaps.map((gap) => ({ ...gap, locator: gap.locator && toLocator(gap.locator) })),
      contentUrl: ({ tenant, id, version, state }) =>
        state === 'DELETED' ? null : contentUrls.make({ tenant, documentId: id, version }),
      async chunks({ tenant, id }, { first, after }, { signal }) {
        const size = pageSize(first);
        const page = await database.forTenant(
          tenant,
          (client) => listChunks(client, tenant, id, size, after ?? null),
          { signal, readOnly: true, replica: true },
        );
        return toConnection(page);
      },
    },
    Chunk: {
      __resolveReference: ({ id }, context) => chunkById(id, context),
      document: ({ documentId }, _arguments, context) => documentOf(documentId, context),
      locator: async (chunk, _arguments, context) =>
        toLocator(chunk.locator, chunk.locator.kind === 'TimeSpan' ? await previewUrl(chunk, context) : null),
      previewUrl: (chunk, _arguments, context) => previewUrl(chunk, context),
    },
    IngestJob: {
      __resolveReference: ({ id }, context) => jobById(id, context),
      document: ({ documentId }, _arguments, context) => documentOf(documentId, context),
      error: ({ error }) => error && { ...error, field: null },
      createdAt: ({ createdAt }) => createdAt.toISOString(),
      finishedAt: ({ finishedAt }) => finishedAt?.toISOString() ?? null,
    },
    IngestEvent: { at: ({ at }) => at.toISOString() },
    DeletionReceipt: { __resolveReference: ({ id }, context) => receiptById(id, context) },
    UploadTicket: { expiresAt: ({ expiresAt }) => expiresAt.toISOString() },
    TenantRemoval: { removedAt: ({ removedAt }) => removedAt.toISOString() },
  };
}
