import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../platform/testing/temporary-directory.ts';
import { subscribeRaw } from './raw-subscription.ts';
import { collect, type System, startOn, startSystem } from './system.ts';

const issuer = 'https://issuer.test';
const north = 'key-of-north-0123456789';
const reader = 'key-of-reader-012345678';
const apiKeys = [
  {
    key: north,
    tenant: 'north',
    name: 'clerk',
    scopes: ['documents:read', 'documents:write', 'answers:read', 'answers:write'],
  },
  { key: reader, tenant: 'north', name: 'reader', scopes: ['documents:read'] },
];

interface Library {
  readonly jobId: string;
  readonly documentId: string;
  readonly chunkId: string;
  readonly answerId: string;
  readonly receiptId: string;
  readonly uploadId: string;
  readonly contentUrl: string;
}

describe('tenants', { timeout: 60_000 }, () => {
  let system: System;
  let privateKey: CryptoKey;
  let south: string;
  const library: Partial<Library> = {};
  const own = () => library as Library;
  const keyServer = createServer();
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const tokenOf = (claims: Record<string, unknown>, expires: number | string = '10 minutes', by = issuer) =>
    new SignJWT({ tenant: 'south', scope: apiKeys[0]?.scopes, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setSubject('sue')
      .setIssuer(by)
      .setAudience('tributary')
      .setExpirationTime(expires)
      .sign(privateKey);

  beforeAll(async () => {
    const keys = await generateKeyPair('ES256');
    privateKey = keys.privateKey;
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256' };
    keyServer.on('request', (_, response) => response.end(JSON.stringify({ keys: [jwk] })));
    await once(keyServer.listen(0, '127.0.0.1'), 'listening');
    south = await tokenOf({});
    system = await startSystem('dist/main.js', {
      TRIBUTARY_API_KEYS: JSON.stringify(apiKeys),
      TRIBUTARY_JWKS_URL: `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}/keys`,
      TRIBUTARY_JWT_ISSUER: issuer,
      TRIBUTARY_ANSWER_STYLE: 'extractive',
    });
    Object.assign(library, await fill(north, 'The northern vault opens with the word Aurora.', 'vault'));
  }, 90_000);
  afterAll(async () => {
    await system?.[Symbol.asyncDispose]();
    keyServer.closeAllConnections();
    await new Promise((done) => keyServer.close(done));
  }, 60_000);

  async function putIn(token: string, text: string, source: string) {
    const { ingestDocument } = await system.query<{
      ingestDocument: { id: string; document: { id: string } };
    }>(
      `mutation ($input: IngestDocumentInput!) { ingestDocument(input: $input) { ... on IngestJob { id document { id } } } }`,
      { input: { text, source } },
      bearer(token),
    );
    const events = await collect(
      system.subscribe<{ ingestProgress: { job: { state: string } } }>(
        'subscription ($id: ID!) { ingestProgress(jobId: $id) { job { state } } }',
        { id: ingestDocument.id },
        token,
      ),
    );
    expect(events.at(-1)?.ingestProgress.job.state).toBe('SUCCEEDED');
    return { jobId: ingestDocument.id, documentId: ingestDocument.document.id };
  }

  /** One of everything that has an id. */
  async function fill(token: string, text: string, source: string): Promise<Library> {
    const gone = await putIn(token, 'The northern ledger was burnt.', `${source}, deleted`);
    const kept = await putIn(token, text, source);
    const made = await system.query<{
      createUpload: { id: string };
      deleteDocument: { id: string };
      ask: { id: string };
    }>(
      `mutation ($gone: ID!) {
         createUpload(input: { fileName: "a.txt" }) { ... on UploadTicket { id } }
         deleteDocument(id: $gone) { ... on DeletionReceipt { id } }
         ask(input: { question: "Which word opens the northern vault?" }) { ... on Answer { id } }
       }`,
      { gone: gone.documentId },
      bearer(token),
    );
    const { document } = await system.query<{
      document: { contentUrl: string; chunks: { nodes: { id: string }[] } };
    }>(
      'query ($id: ID!) { document(id: $id) { contentUrl chunks { nodes { id } } } }',
      { id: kept.documentId },
      bearer(token),
    );
    return {
      ...kept,
      uploadId: made.createUpload.id,
      receiptId: made.deleteDocument.id,
      answerId: made.ask.id,
      chunkId: document.chunks.nodes[0]?.id ?? '',
      contentUrl: document.contentUrl,
    };
  }

  const everything = /* GraphQL */ `
    query ($document: ID!, $chunk: ID!, $job: ID!, $answer: ID!, $receipt: ID!) {
      document(id: $document) { id }
      documentNode: node(id: $document) { ... on Document { title } }
      chunkNode: node(id: $chunk) { ... on Chunk { text } }
      jobNode: node(id: $job) { ... on IngestJob { state } }
      receiptNode: node(id: $receipt) { ... on DeletionReceipt { documentId } }
      answerNode: node(id: $answer) { ... on Answer { question } }
      ingestJob(id: $job) { id }
      answer(id: $answer) { id }
      deletionReceipt(id: $receipt) { id }
      documents { totalCount }
      answers { nodes { id } }
      search(input: { text: "Which word opens the northern vault?" }) { hits { nodes { chunk { text } } } }
    }
  `;
  const see = (token: string) =>
    system.query<Record<string, object | null>>(
      everything,
      {
        document: own().documentId,
        chunk: own().chunkId,
        job: own().jobId,
        answer: own().answerId,
        receipt: own().receiptId,
      },
      bearer(token),
    );

  it('see what is theirs', async () => {
    const seen = await see(north);
    for (const [name, value] of Object.entries(seen)) expect(value, name).not.toBeNull();
    expect(seen.search).toEqual({
      hits: { nodes: [{ chunk: { text: 'The northern vault opens with the word Aurora.' } }] },
    });
  });

  it('see nothing of one another in any query', async () => {
    expect(await see(south)).toEqual({
      ...{ document: null, documentNode: null, chunkNode: null, jobNode: null },
      ...{ receiptNode: null, answerNode: null },
      ...{ ingestJob: null, answer: null, deletionReceipt: null },
      documents: { totalCount: 0 },
      answers: { nodes: [] },
      search: { hits: { nodes: [] } },
    });
  });

  it('follow nothing of one another', async () => {
    for (const [query, id] of [
      ['subscription ($id: ID!) { ingestProgress(jobId: $id) { sequence } }', own().jobId],
      ['subscription ($id: ID) { answer(id: $id) { sequence } }', own().answerId],
    ] as const) {
      const taken: string[] = [];
      const end = await subscribeRaw(
        system.url,
        { query, variables: { id } },
        (message) => taken.push(message) > 0,
        bearer(south),
      );
      expect(end).toMatchObject({ kind: 'errors', errors: [{ extensions: { code: 'NOT_FOUND' } }] });
      expect(taken).toEqual([]);
    }
  });

  it('change nothing of one another', async () => {
    const tried = await system.query(
      `mutation ($document: ID!, $answer: ID!, $upload: ID!) {
         deleteDocument(id: $document) { __typename }
         updateDocument(input: { id: $document, text: "Mine now." }) { __typename }
         stopAnswer(id: $answer) { __typename }
         ingestDocument(input: { uploadId: $upload }) { __typename ... on Rejected { code } }
         removeTenant(tenant: "north") { __typename }
       }`,
      { document: own().documentId, answer: own().answerId, upload: own().uploadId },
      bearer(south),
    );
    expect(tried).toEqual({
      deleteDocument: { __typename: 'NotFound' },
      updateDocument: { __typename: 'NotFound' },
      stopAnswer: { __typename: 'NotFound' },
      ingestDocument: { __typename: 'Rejected', code: 'UPLOAD_NOT_FOUND' },
      removeTenant: { __typename: 'Denied' },
    });
    expect((await see(north)).document).toEqual({ id: own().documentId });
  });

  it('keep the same source and the same words apart', async () => {
    const theirs = await putIn(south, 'The southern vault opens with the word Austral.', 'vault');
    expect(theirs.documentId).not.toBe(own().documentId);
    const found = (token: string) =>
      system.query(
        '{ search(input: { text: "vault" }) { hits { nodes { chunk { document { id } } } } } }',
        {},
        bearer(token),
      );
    const only = (id: string) => ({ search: { hits: { nodes: [{ chunk: { document: { id } } }] } } });
    expect(await found(south)).toEqual(only(theirs.documentId));
    expect(await found(north)).toEqual(only(own().documentId));
  });

  it('get bytes by a signed address only, which cannot be turned into another', async () => {
    const url = new URL(own().contentUrl, system.url);
    expect(await (await fetch(url)).text()).toContain('Aurora');
    for (const [name] of url.searchParams) {
      const forged = new URL(url);
      forged.searchParams.set(name, name === 'tenant' ? 'south' : '1');
      expect(forged.href === url.href ? 404 : (await fetch(forged)).status, name).toBe(404);
    }
    const bare = new URL(url.pathname, system.url);
    expect((await fetch(bare, { headers: bearer(north) })).status).toBe(404);
  });

  describe('and scopes', () => {
    it('let a reader read, and no more', async () => {
      expect(
        (await system.query<{ documents: object }>('{ documents { totalCount } }', {}, bearer(reader)))
          .documents,
      ).toEqual({ totalCount: 1 });
      for (const operation of [
        'mutation { ingestDocument(input: { text: "x" }) { __typename } }',
        'mutation { createUpload(input: { fileName: "x" }) { __typename } }',
        'mutation { ask(input: { question: "x" }) { __typename } }',
        '{ answers { nodes { id } } }',
      ]) {
        const { errors } = await system.execute(operation, {}, bearer(reader));
        expect(errors, operation).toMatchObject([
          { extensions: { code: 'DENIED', reason: 'MISSING_SCOPE' } },
        ]);
      }
      const form = new FormData();
      form.set('file', new Blob(['x']), 'x.txt');
      const posted = await fetch(`${system.url}/v1/documents`, {
        method: 'POST',
        headers: bearer(reader),
        body: form,
      });
      expect(posted.status).toBe(403);
      expect(await posted.text()).toContain('documents:write');
    });
  });

  describe('and what does not let anybody in', () => {
    const refused: [string, () => Promise<string>, string][] = [
      ['a key that is not known', async () => 'key-of-nobody-0123456789', 'The API key is not known.'],
      ['a token that has expired', () => tokenOf({}, 1), 'The token has expired; get a new one.'],
      ['a token of another issuer', () => tokenOf({}, '1 hour', 'https://other.test'), `must be ${issuer}`],
      ['a token without a tenant', () => tokenOf({ tenant: undefined }), 'must name the tenant'],
      [
        'a token that was changed',
        async () => `${south.slice(0, -20)}${'A'.repeat(20)}`,
        'not one that the issuer signed',
      ],
    ];
    it.each(refused)('is %s, by HTTP and by WebSocket', async (_, make, message) => {
      const token = await make();
      const { status, errors } = await system.execute('{ documents { totalCount } }', {}, bearer(token));
      expect(status).toBe(401);
      expect(errors?.[0]?.message).toContain(message);
      const end = await subscribeRaw(
        system.url,
        { query: '{ documents { totalCount } }', variables: {} },
        () => true,
        bearer(token),
      );
      expect(end).toMatchObject({ kind: 'closed', code: 4403 });
      // The reason of a close has room for 123 bytes.
      const { reason } = end as { reason: string };
      expect(errors?.[0]?.message.startsWith(reason.replace(/…$/, ''))).toBe(true);
      expect(reason.length).toBeGreaterThan(20);
    });

    it('is nothing at all', async () => {
      const { status, errors } = await system.execute('{ documents { totalCount } }');
      expect(status).toBe(401);
      expect(errors?.[0]?.message).toContain('Authorization');
    });
  });
});

it('does not listen to everybody without keys, and says what to do in one sentence', async () => {
  await using data = await temporaryDirectory();
  const failure = startOn(data.path, 'dist/main.js', { HOST: '0.0.0.0' });
  await expect(failure).rejects.toThrow(/ended with 2:\ntributary: Without API keys or JWT [^\n]+\.\n$/);
}, 60_000);
