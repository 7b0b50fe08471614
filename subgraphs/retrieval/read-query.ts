import { notFound, rejected } from '../../platform/errors.ts';
import { type ChunkId, isId, type UploadId } from '../../platform/ids.ts';
import type { Database } from '../../platform/postgres/database.ts';
import { type FindUploadPorts, findUpload } from './find-upload.ts';
import { findVisiblePassages } from './find-visible.ts';
import type { SearchInput } from './schema.generated.ts';
import { familyOf, type Query, type QueryUpload, vectorSpaces } from './types.ts';

/** What is searched with, as it was asked for. */
export type AskedQuery =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'picture' | 'sound'; readonly uploadId: UploadId; readonly field: string }
  | { readonly kind: 'similar'; readonly chunkId: ChunkId };

/** What is searched with, once it was looked up. */
export interface ReadQuery {
  readonly query: Query;
  readonly upload: QueryUpload | null;
}

export interface ReadQueryPorts extends Omit<FindUploadPorts, 'database'> {
  readonly database: Database;
}

const maxTextLength = 8_192;

/** What makes no difference to what is asked: how it is spaced, and which of two spellings of a letter it has. */
const tidy = (text: string): string => text.normalize('NFC').replace(/\s+/gu, ' ').trim();

const kinds = { upl: 'upload', chk: 'passage' } as const;

function idOf<Prefix extends keyof typeof kinds>(prefix: Prefix, id: string, field: string) {
  if (isId(prefix, id)) return id;
  const kind = kinds[prefix];
  const article = kind === 'upload' ? 'an' : 'a';
  throw rejected(
    'BAD_ID',
    `${JSON.stringify(id.slice(0, 60))} is not the id of ${article} ${kind}. Ids of ${kind}s begin with \`${prefix}_\`.`,
    { field },
  );
}

function textOf(text: string): AskedQuery {
  if (text.trim() === '') {
    throw rejected('EMPTY_QUERY', 'The query is empty. Write a question or some words.', { field: 'text' });
  }
  if (text.length > maxTextLength) {
    throw rejected(
      'QUERY_TOO_LONG',
      `The query has ${text.length} characters; at most ${maxTextLength} are allowed. Shorten it to what you want to find.`,
      { field: 'text' },
    );
  }
  return { kind: 'text', text: tidy(text) };
}

/**
 * Checks what is searched with.
 *
 * @throws TributaryError `REJECTED_INPUT` that names the field, what was wrong, and what is allowed.
 */
export function parseQuery(input: SearchInput): AskedQuery {
  const { text, imageUploadId, audioUploadId, similarToChunkId, mode } = input;
  const fields = Object.entries({ text, imageUploadId, audioUploadId, similarToChunkId });
  const given = fields.filter(([, each]) => each !== null && each !== undefined);
  const [first] = given;
  if (first === undefined || given.length !== 1) {
    throw rejected(
      given.length === 0 ? 'NO_QUERY' : 'TWO_QUERIES',
      'Give exactly one of `text`, `imageUploadId`, `audioUploadId` and `similarToChunkId`.',
      { field: 'text' },
    );
  }
  const [field, value = ''] = first;
  if (field === 'text') return textOf(value ?? '');
  const asked: AskedQuery =
    field === 'similarToChunkId'
      ? { kind: 'similar', chunkId: idOf('chk', value ?? '', field) }
      : {
          kind: field === 'imageUploadId' ? 'picture' : 'sound',
          uploadId: idOf('upl', value ?? '', field),
          field,
        };
  if (mode === 'SPARSE') {
    const what = { similar: 'Passages like another one', picture: 'Pictures', sound: 'Sounds' }[asked.kind];
    throw rejected(
      'MODE_NOT_POSSIBLE',
      `${what} are found by meaning, not by words: ask with mode DENSE or HYBRID.`,
      { field: 'mode' },
    );
  }
  return asked;
}

/**
 * Looks up the upload or the passage that is searched with.
 *
 * @throws TributaryError `NOT_FOUND` where there is no such passage that the caller may see; what `findUpload` throws.
 */
export async function readQuery(
  asked: AskedQuery,
  tenant: string,
  ports: ReadQueryPorts,
  signal: AbortSignal,
): Promise<ReadQuery> {
  if (asked.kind === 'text') return { query: asked, upload: null };
  if (asked.kind === 'similar') {
    const { chunkId } = asked;
    const passage = (await findVisiblePassages(ports.database, tenant, [chunkId], signal)).get(chunkId);
    if (passage === undefined) throw notFound(`There is no passage ${chunkId} that you may see.`);
    const space = vectorSpaces.find((each) => familyOf[each] === passage.family) ?? 'TEXT';
    return { query: { kind: 'similar', chunkId, space }, upload: null };
  }
  const upload = await findUpload(asked.uploadId, asked.field, tenant, ports, signal);
  return { query: { kind: asked.kind, sha256: upload.sha256 }, upload };
}
