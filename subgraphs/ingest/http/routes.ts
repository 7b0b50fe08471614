import type { KeyObject } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { denied, notFound, rejected } from '../../../platform/errors.ts';
import type { Identity } from '../../../platform/identity.ts';
import { isId } from '../../../platform/ids.ts';
import type { HttpRoute } from '../../../platform/subgraph.ts';
import { parseAttributes, parseName } from '../documents/attributes.ts';
import { checkQueue } from '../documents/check-queue.ts';
import { publicReceiptKey } from '../documents/receipts.ts';
import { receive } from '../receive.ts';
import type { ContentUrls } from './content-url.ts';
import { readMultipart } from './read-multipart.ts';
import { requireScope } from './scopes.ts';
import { sendBlob } from './send-blob.ts';
import { receiveUpload, type UploadDependencies } from './uploads.ts';

export interface RouteDependencies extends UploadDependencies {
  readonly contentUrls: ContentUrls;
  readonly receiptKey: KeyObject;
}

const bodyOf = (request: Request): AsyncIterable<Uint8Array> =>
  request.body === null
    ? Readable.from([])
    : Readable.fromWeb(request.body as unknown as NodeReadableStream<Uint8Array>);

function requireIdentity(identity: Identity | null): Identity {
  if (identity === null) throw denied('This needs an identity.', 'UNAUTHENTICATED');
  return identity;
}

/** What goes by plain HTTP: bytes in, bytes out, and the key that receipts are checked with. */
export function createRoutes(dependencies: RouteDependencies): HttpRoute[] {
  return [
    {
      method: 'PUT',
      path: '/v1/uploads/:id',
      open: true,
      async handle(request, { id = '' }) {
        const token = new URL(request.url).searchParams.get('token') ?? '';
        const declared = Number(request.headers.get('content-length') ?? 0);
        if (declared > dependencies.maxUploadBytes) throw tooLarge(declared, dependencies.maxUploadBytes);
        await checkQueue(dependencies);
        const { byteSize } = await receiveUpload(id, token, bodyOf(request), dependencies, request.signal);
        return Response.json({ upload: { id, byteSize } }, { status: 201 });
      },
    },
    {
      method: 'POST',
      path: '/v1/documents',
      async handle(request, _parameters, identity) {
        const { tenant, ...caller } = requireIdentity(identity);
        requireScope({ tenant, ...caller }, 'documents:write');
        const job = await readMultipart(request, dependencies.maxUploadBytes, async (file, fields) => {
          const describe = async () => {
            const { source, attributes } = await fields();
            return { source: parseName(source, 'source'), attributes: parseAttributes(attributes) };
          };
          return receive(tenant, { kind: 'stream', ...file }, describe, dependencies, request.signal);
        });
        const { id, state, stage, duplicate, documentId } = job;
        return Response.json(
          { job: { id, state, stage, duplicate }, document: { id: documentId } },
          { status: 202 },
        );
      },
    },
    {
      method: 'GET',
      path: '/v1/documents/:id/content',
      open: true,
      handle: (request, { id = '' }) => sendContent(request, id, dependencies),
    },
    {
      method: 'GET',
      path: '/v1/chunks/:id/preview',
      open: true,
      handle: (request, { id = '' }) => sendPreview(request, id, dependencies),
    },
    {
      method: 'GET',
      path: '/v1/receipts/key',
      open: true,
      handle: async () => Response.json(publicReceiptKey(dependencies.receiptKey)),
    },
  ];
}

const tooLarge = (byteSize: number, maxBytes: number) =>
  rejected(
    'TOO_LARGE',
    `The file has ${byteSize} bytes; at most ${maxBytes} are taken. Split it, or have the limit raised.`,
  );

const expired = (field: string) =>
  notFound(`This address is not valid, or not any more. Ask for ${field} again.`);

/** Sends original bytes. */
async function sendContent(
  request: Request,
  documentId: string,
  { contentUrls, database, blobs }: RouteDependencies,
): Promise<Response> {
  const signed = isId('doc', documentId)
    ? contentUrls.check(documentId, new URL(request.url).searchParams)
    : null;
  if (signed === null) throw expired('contentUrl');
  const { tenant, version } = signed;
  const found = await database.forTenant(
    tenant,
    async (client) => {
      const { rows } = await client.query<ContentRow>(
        `select v.blob_key, v.media_type, v.content_sha256, coalesce(v.file_name, d.title) as name
         from document_versions v join documents d on d.tenant = v.tenant and d.id = v.document_id
         where v.tenant = $1 and v.document_id = $2 and v.version = $3 and d.deleted_at is null`,
        [tenant, documentId, version],
      );
      return rows[0];
    },
    { readOnly: true },
  );
  if (found === undefined) throw notFound('The document, or this version of it, is not there any more.');
  const { blob_key: key, media_type: mediaType, content_sha256: etag, name } = found;
  const shown = { key, mediaType, name, etag, cacheControl: 'private, no-store' };
  return sendBlob(request, shown, blobs);
}

interface ContentRow {
  readonly blob_key: string;
  readonly media_type: string;
  readonly content_sha256: string;
  readonly name: string;
}

/** Sends the small picture that shows a passage. */
async function sendPreview(
  request: Request,
  chunkId: string,
  { contentUrls, database, blobs }: RouteDependencies,
): Promise<Response> {
  const signed = isId('chk', chunkId)
    ? contentUrls.checkPreview(chunkId, new URL(request.url).searchParams)
    : null;
  if (signed === null) throw expired('previewUrl');
  const { tenant } = signed;
  const found = await database.forTenant(
    tenant,
    async (client) => {
      const { rows } = await client.query<{ preview_key: string; preview_media_type: string }>(
        `select c.preview_key, c.preview_media_type
         from chunks c join documents d on d.tenant = c.tenant and d.id = c.document_id
         where c.tenant = $1 and c.id = $2 and c.preview_key is not null and d.deleted_at is null`,
        [tenant, chunkId],
      );
      return rows[0];
    },
    { readOnly: true },
  );
  if (found === undefined) throw notFound('There is no picture of this passage, or not any more.');
  const { preview_key: key, preview_media_type: mediaType } = found;
  const name = `preview.${mediaType.slice(mediaType.indexOf('/') + 1)}`;
  const shown = { key, mediaType, name, etag: chunkId, cacheControl: 'private, max-age=300' };
  return sendBlob(request, shown, blobs);
}
