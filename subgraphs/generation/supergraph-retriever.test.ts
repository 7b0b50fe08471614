import { describe, expect, it } from 'vitest';
import { signIdentity, verifyIdentity } from '../../platform/http/identity-token.ts';
import { createSupergraphRetriever } from './supergraph-retriever.ts';
import { ann } from './testing/start-generation.ts';

const secret = 'a-secret-of-at-least-thirty-two-characters';
const { signal } = new AbortController();
const coverage = { complete: true, sources: [] };
const hit = (chunk: object | null, rank = 1) => ({
  rank,
  score: 0.5,
  parts: { dense: 0.7, sparse: null, fused: 0.5, boost: 1, rerank: null, ranks: null },
  highlights: [{ start: 0, end: 3 }],
  chunk,
});
const chunk = (locator: object, text: string | null = 'Words.') => ({
  id: 'chk_1',
  text,
  modality: 'TEXT',
  locator,
  document: { id: 'doc_1', title: 'Title' },
});

function retrieverOf(answer: (request: Request) => Response | Promise<Response>, timeoutMs = 5000) {
  return createSupergraphRetriever({
    url: 'http://gateway',
    fetch: async (request) => answer(request),
    sign: (identity) => signIdentity(identity, secret),
    timeoutMs,
  });
}

const found = (nodes: unknown[]) => Response.json({ data: { search: { hits: { nodes }, coverage } } });
const query = { text: 'pumps', filter: { tagsAny: ['a'] }, first: 8 };

describe('searching through the supergraph', () => {
  it('asks as whom the question is, by the contract’s own search', async () => {
    const asked: { identity?: unknown; body?: { query: string; variables: object }; url?: string } = {};
    const retriever = retrieverOf(async (request) => {
      asked.url = request.url;
      asked.identity = await verifyIdentity(
        request.headers.get('authorization')?.split(' ')[1] ?? '',
        secret,
      );
      asked.body = await request.json();
      return found([]);
    });
    expect(await retriever.search(ann, query, signal)).toEqual({ passages: [], coverage });
    expect(asked.url).toBe('http://gateway/graphql');
    expect(asked.identity).toEqual(ann);
    expect(asked.body?.variables).toEqual({ input: { text: 'pumps', first: 8, filter: { tagsAny: ['a'] } } });
  });

  it('takes passages with their places, and leaves out what is gone or has no words', async () => {
    const box = { left: 0.1, top: 0.2, width: 0.3, height: 0.4 };
    const retriever = retrieverOf(() =>
      found([
        hit(chunk({ __typename: 'TextRange', start: 5, end: 11 })),
        hit(chunk({ __typename: 'PageRegion', page: 3, box }), 2),
        hit(chunk({ __typename: 'ImageRegion', region: box }), 3),
        hit(null, 4),
        hit(chunk({ __typename: 'ImageRegion', region: box }, null), 5),
      ]),
    );
    const { passages } = await retriever.search(ann, query, signal);
    expect(passages.map(({ locator }) => locator)).toEqual([
      { kind: 'TextRange', start: 5, end: 11 },
      { kind: 'PageRegion', page: 3, box },
      { kind: 'ImageRegion', box },
    ]);
    expect(passages[0]).toMatchObject({
      chunkId: 'chk_1',
      documentId: 'doc_1',
      title: 'Title',
      text: 'Words.',
      rank: 1,
    });
  });

  it('asks for more where pictures without words take the places of passages', async () => {
    const asked: number[] = [];
    const box = { left: 0, top: 0, width: 1, height: 1 };
    const retriever = retrieverOf(async (request) => {
      const { variables } = (await request.json()) as { variables: { input: { first: number } } };
      const { first } = variables.input;
      asked.push(first);
      return found(
        Array.from({ length: first }, (_, index) =>
          index % 2 === 0
            ? hit(chunk({ __typename: 'ImageRegion', region: box }, null), index + 1)
            : hit(chunk({ __typename: 'TimeSpan', startMs: 0, endMs: 9 }), index + 1),
        ),
      );
    });
    const { passages } = await retriever.search(ann, query, signal);
    expect(asked).toEqual([8, 50]);
    expect(passages.map(({ rank }) => rank)).toEqual([2, 4, 6, 8, 10, 12, 14, 16]);
  });

  it.each([
    [
      { code: 'REJECTED_INPUT', reason: 'INVALID_PATH' },
      { code: 'REJECTED_INPUT', reason: 'INVALID_PATH', message: 'said' },
    ],
    [{ code: 'DENIED' }, { code: 'DENIED', message: 'said' }],
    [
      { code: 'BUSY', retryAfterMs: 9 },
      { code: 'BUSY', retryAfterMs: 9 },
    ],
    [
      { code: 'UPSTREAM' },
      { code: 'UPSTREAM', service: 'search', message: 'The search failed. Please ask again.' },
    ],
    [undefined, { code: 'UPSTREAM', service: 'search' }],
  ])('passes on a failure of the kind %j', async (extensions, expected) => {
    const retriever = retrieverOf(() =>
      Response.json({ errors: [{ message: 'said', extensions }], data: null }),
    );
    await expect(retriever.search(ann, query, signal)).rejects.toMatchObject(expected);
  });

  it.each([
    ['cannot be reached', () => Promise.reject(new TypeError('fetch failed'))],
    ['answers with something else', () => new Response('<html>', { status: 502 })],
    ['answers with nothing', () => Response.json({ data: null })],
  ])('fails as upstream where the gateway %s', async (_, answer) => {
    await expect(retrieverOf(answer).search(ann, query, signal)).rejects.toMatchObject({ code: 'UPSTREAM' });
    await expect(retrieverOf(() => new Response('', { status: 503 })).ping(signal)).rejects.toMatchObject({
      code: 'UPSTREAM',
    });
  });

  it('gives up in time, and at once when aborted', async () => {
    const silent = (request: Request) =>
      new Promise<Response>((_, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason));
        if (request.signal.aborted) reject(request.signal.reason);
      });
    await expect(retrieverOf(silent, 20).search(ann, query, signal)).rejects.toMatchObject({
      code: 'UPSTREAM',
      message: 'The search took longer than 20 ms.',
    });
    const reason = new Error('enough');
    await expect(retrieverOf(silent).search(ann, query, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
