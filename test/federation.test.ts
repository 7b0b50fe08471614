import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFilesystemBlobStore } from '../platform/blobs/filesystem-blob-store.ts';
import { openBentoCache } from '../platform/cache/bento-cache.ts';
import { DisposableStack } from '../platform/disposable-stack.ts';
import { identityHeader, signIdentity } from '../platform/http/identity-token.ts';
import { serveSubgraph } from '../platform/http/serve-subgraph.ts';
import { scopes } from '../platform/identity.ts';
import { systemClock } from '../platform/ports/clock.ts';
import type { Database } from '../platform/postgres/database.ts';
import type { Subgraph } from '../platform/subgraph.ts';
import { eventually } from '../platform/testing/eventually.ts';
import { createHashEncoder } from '../platform/testing/hash-encoder.ts';
import { silentLogger } from '../platform/testing/silent-logger.ts';
import { temporaryDirectory } from '../platform/testing/temporary-directory.ts';
import { createTestDatabase } from '../platform/testing/test-database.ts';
import { openLanceDbVectorStore } from '../platform/vectors/lancedb-vector-store.ts';
import { createGenerationSubgraph } from '../subgraphs/generation/generation-subgraph.ts';
import { scriptedRetriever } from '../subgraphs/generation/testing/scripted-retriever.ts';
import { createIngestSubgraph } from '../subgraphs/ingest/subgraph.ts';
import { createRetrievalSubgraph } from '../subgraphs/retrieval/subgraph.ts';
import { compose } from '../tools/schema/compose.ts';

type Name = Subgraph['name'];

interface Response {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string }[];
}

const secret = 'a secret that is only for tests, 32+';
const names: readonly Name[] = ['ingest', 'retrieval', 'generation'];
const fileOf = (name: string) => readFile(new URL(`../schema/${name}.graphql`, import.meta.url), 'utf8');

/** A database that counts the statements that are sent for callers. */
function counted(database: Database): Database & { statements: number } {
  return {
    statements: 0,
    forTenant(tenant, work, options) {
      const count = () => this.statements++;
      return database.forTenant(
        tenant,
        (client) =>
          work(
            new Proxy(client, {
              get(target, property: keyof PoolClient) {
                if (property === 'query') count();
                const value = target[property];
                return typeof value === 'function' ? value.bind(target) : value;
              },
            }),
          ),
        options,
      );
    },
    forWorker: (work, options) => database.forWorker(work, options),
    listen: (channel, listener) => database.listen(channel, listener),
    ping: (signal) => database.ping(signal),
    [Symbol.asyncDispose]: async () => {},
  };
}

describe('each subgraph by itself', () => {
  const stack = new DisposableStack();
  const urls = new Map<Name, string>();
  let database: ReturnType<typeof counted>;
  let identity: string;

  async function ask<T>(name: Name, query: string, variables: object = {}, signed = true): Promise<T> {
    const { data, errors } = await respond(name, query, variables, signed);
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data as T;
  }
  async function respond(
    name: Name,
    query: string,
    variables: object = {},
    signed = true,
  ): Promise<Response> {
    const response = await fetch(`${urls.get(name)}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(signed && { [identityHeader]: identity }) },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Response;
  }
  const entities = /* GraphQL */ `
    query ($representations: [_Any!]!) {
      _entities(representations: $representations) {
        __typename
        ... on Document { title }
        ... on Chunk { text document { title } }
        ... on IngestJob { state }
        ... on DeletionReceipt { documentId }
      }
    }
  `;
  const answerEntities = /* GraphQL */ `
    query ($representations: [_Any!]!) {
      _entities(representations: $representations) { __typename ... on Answer { question state } }
    }
  `;

  beforeAll(async () => {
    identity = await signIdentity({ tenant: 'acme', subject: 'test', scopes }, secret);
    const folder = stack.use(await temporaryDirectory());
    database = counted(stack.use(await createTestDatabase()));
    const shared = {
      database,
      vectors: stack.use(
        await openLanceDbVectorStore({ directory: join(folder.path, 'vectors'), logger: silentLogger }),
      ),
      encoder: stack.use(createHashEncoder()),
      cache: stack.use(await openBentoCache({ maxBytes: 1_000_000, shared: null, logger: silentLogger })),
      clock: systemClock,
      logger: silentLogger,
    };
    const subgraphs = [
      stack.use(
        await createIngestSubgraph({
          ...shared,
          blobs: stack.use(await openFilesystemBlobStore({ directory: join(folder.path, 'blobs') })),
          secret,
          receiptKey: generateKeyPairSync('ed25519').privateKey,
          maxUploadBytes: 1_000_000,
          uploadLifetimeSeconds: 60,
          maxQueuedJobs: 100,
          fetchTimeoutMs: 1000,
          fetchPrivateHosts: [],
          workers: 1,
        }),
      ),
      stack.use(createRetrievalSubgraph({ ...shared, rankingTtlMs: 60_000, weights: {} })),
      stack.use(
        await createGenerationSubgraph({
          ...shared,
          streams: null,
          retriever: scriptedRetriever([]),
          languageModel: null,
          answerStyle: 'extractive',
          tokenBudget: 2048,
          graceSeconds: 60,
          leaseSeconds: 60,
          prices: { promptUsd: null, completionUsd: null },
        }),
      ),
    ];
    for (const subgraph of subgraphs as Subgraph[]) {
      const server = stack.use(
        await serveSubgraph(subgraph, {
          host: '127.0.0.1',
          port: 0,
          secret,
          logger: silentLogger,
          maxBodyBytes: 1_000_000,
        }),
      );
      urls.set(subgraph.name, server.url);
    }
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  /** Puts documents in, and waits until they are searchable. */
  async function putIn(titles: readonly string[]) {
    const made: { job: string; document: string; chunk: string }[] = [];
    for (const title of titles) {
      const { ingestDocument } = await ask<{ ingestDocument: { id: string; document: { id: string } } }>(
        'ingest',
        'mutation ($input: IngestDocumentInput!) { ingestDocument(input: $input) { ... on IngestJob { id document { id } } } }',
        { input: { text: `Text of ${title}.`, attributes: { title } } },
      );
      const [chunk] = await eventually(async () => {
        const { document } = await ask<{ document: { chunks: { nodes: { id: string }[] } } }>(
          'ingest',
          'query ($id: ID!) { document(id: $id) { chunks { nodes { id } } } }',
          { id: ingestDocument.document.id },
        );
        return document.chunks.nodes.length > 0 && document.chunks.nodes;
      });
      made.push({
        job: ingestDocument.id,
        document: ingestDocument.document.id,
        chunk: chunk?.id ?? '',
      });
    }
    return made;
  }

  /** Resolves entities, and tells with how many statements. */
  async function resolve(name: Name, query: string, representations: readonly object[]) {
    const before = database.statements;
    const { _entities } = await ask<{ _entities: (Record<string, unknown> | null)[] }>(name, query, {
      representations,
    });
    return { found: _entities, statements: database.statements - before };
  }
  const represent = (__typename: string, ids: readonly string[]) => ids.map((id) => ({ __typename, id }));

  it('is, put together as it is served, the supergraph that is checked in', async () => {
    const sources = await Promise.all(
      names.map(async (name) => {
        const { _service } = await ask<{ _service: { sdl: string } }>(
          name,
          '{ _service { sdl } }',
          {},
          false,
        );
        return { name, sdl: _service.sdl };
      }),
    );
    // Composition fails where value types that several subgraphs have are not the same.
    const composed = compose(sources);
    expect(composed.public).toBe(await fileOf('public'));
    expect(composed.supergraph).toBe(await fileOf('supergraph'));
  });

  it.each(names)('says its own directives: %s', async (name) => {
    const { _service } = await ask<{ _service: { sdl: string } }>(name, '{ _service { sdl } }', {}, false);
    expect(_service.sdl).toContain('@link(');
    expect(_service.sdl).toContain('https://specs.apollo.dev/federation/v2.9');
    expect(_service.sdl).toContain('@key(fields: "id"');
    expect(_service.sdl).toMatch(/type PageInfo\s+@shareable/);
  });

  it.each(names)('can be introspected, and asked for nothing else without an identity: %s', async (name) => {
    const { __schema } = await ask<{ __schema: { queryType: { fields: { name: string }[] } } }>(
      name,
      '{ __schema { queryType { fields { name } } } }',
      {},
      false,
    );
    expect(__schema.queryType.fields.map((field) => field.name)).toContain('_service');
    const { errors } = await respond(
      name,
      '{ __typename _service { sdl } __type(name: "Query") { name } }',
      {},
      false,
    );
    expect(errors).toBeUndefined();
    const field = name === 'ingest' ? 'documents' : name === 'generation' ? 'answers' : null;
    const query =
      field === null ? '{ search(input: { text: "x" }) { tookMs } }' : `{ ${field} { nodes { id } } }`;
    expect((await respond(name, query, {}, false)).errors?.[0]?.message).toContain(identityHeader);
  });

  it.each([
    ['ingest', 'Answer'],
    ['generation', 'Chunk'],
    ['retrieval', 'Chunk'],
  ] as const)('says that it cannot resolve what is not its own: %s, %s', async (name, type) => {
    const { _service } = await ask<{ _service: { sdl: string } }>(name, '{ _service { sdl } }');
    expect(_service.sdl).toMatch(
      new RegExp(`type ${type}[^{]*@key\\(fields: "id", resolvable: false\\)\\s*\\{`),
    );
    // So the gateway knows not to ask it.
    const supergraph = await fileOf('supergraph');
    const graph = name.toUpperCase();
    expect(supergraph).toMatch(
      new RegExp(`type ${type} [^{]*@join__type\\(graph: ${graph}, key: "id", resolvable: false\\)[^{]*\\{`),
    );
  });

  it('resolves documents, passages and jobs, in one statement for many of them, and unknown ones as null', async () => {
    const [one, two] = await putIn(['first', 'second']);
    const unknown = '00000000000000000000000000';
    const documents = await resolve(
      'ingest',
      entities,
      represent('Document', [two?.document ?? '', `doc_${unknown}`, one?.document ?? '', 'nonsense']),
    );
    expect(documents).toEqual({
      found: [
        { __typename: 'Document', title: 'second' },
        null,
        { __typename: 'Document', title: 'first' },
        null,
      ],
      statements: 1,
    });

    const chunks = await resolve(
      'ingest',
      entities,
      represent('Chunk', [one?.chunk ?? '', `chk_${unknown}`, two?.chunk ?? '', 'nonsense']),
    );
    expect(chunks).toEqual({
      found: [
        { __typename: 'Chunk', text: 'Text of first.', document: { title: 'first' } },
        null,
        { __typename: 'Chunk', text: 'Text of second.', document: { title: 'second' } },
        null,
      ],
      // One for the passages and one for their documents.
      statements: 2,
    });

    const jobs = await resolve(
      'ingest',
      entities,
      represent('IngestJob', [two?.job ?? '', `job_${unknown}`, one?.job ?? '', 'nonsense']),
    );
    expect(jobs).toEqual({
      found: [
        { __typename: 'IngestJob', state: 'SUCCEEDED' },
        null,
        { __typename: 'IngestJob', state: 'SUCCEEDED' },
        null,
      ],
      statements: 1,
    });

    const mixed = await resolve('ingest', entities, [
      ...represent('Document', [one?.document ?? '']),
      ...represent('Chunk', [two?.chunk ?? '']),
      ...represent('DeletionReceipt', [`rcp_${unknown}`]),
    ]);
    expect(mixed.found).toEqual([
      { __typename: 'Document', title: 'first' },
      { __typename: 'Chunk', text: 'Text of second.', document: { title: 'second' } },
      null,
    ]);
  });

  it('resolves answers, in one statement for many of them, and unknown ones as null', async () => {
    const ids: string[] = [];
    for (const question of ['First?', 'Second?']) {
      const { ask: answer } = await ask<{ ask: { id: string } }>(
        'generation',
        'mutation ($question: String!) { ask(input: { question: $question }) { ... on Answer { id } } }',
        { question },
      );
      ids.push(answer.id);
      await eventually(async () => {
        const { answer: seen } = await ask<{ answer: { state: string } }>(
          'generation',
          'query ($id: ID!) { answer(id: $id) { state } }',
          { id: answer.id },
        );
        return seen.state === 'COMPLETED';
      });
    }
    const { found, statements } = await resolve(
      'generation',
      answerEntities,
      represent('Answer', [ids[1] ?? '', 'ans_00000000000000000000000000', ids[0] ?? '', 'nonsense']),
    );
    expect(found).toEqual([
      { __typename: 'Answer', question: 'Second?', state: 'COMPLETED' },
      null,
      { __typename: 'Answer', question: 'First?', state: 'COMPLETED' },
      null,
    ]);
    expect(statements).toBe(1);
  });
});
