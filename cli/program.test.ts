import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../platform/testing/temporary-directory.ts';
import { exitCodes } from './failure.ts';
import { run } from './program.ts';
import { serveLocally } from './testing/local-server.ts';
import { recordingTerminal } from './testing/recording-terminal.ts';

async function type(words: string[], environment: Record<string, string> = {}, signal?: AbortSignal) {
  const terminal = recordingTerminal();
  const exitCode = await run(words, {
    environment,
    terminal,
    signal: signal ?? new AbortController().signal,
    version: '1.2.3',
  });
  return { exitCode, out: terminal.out(), err: terminal.err() };
}

const document = {
  id: 'doc_1',
  title: 'Manual',
  source: 'samples/manual.md',
  author: 'Ines',
  year: 2024,
  tags: ['pump'],
};
const chunk = {
  id: 'chk_1',
  ordinal: 0,
  modality: 'TEXT',
  text: 'The seal is inspected every 500 operating hours.',
  locator: { __typename: 'PageRegion', page: 3, box: null },
  document,
};
const coverage = {
  complete: true,
  sources: [
    {
      modality: 'TEXT',
      space: 'TEXT',
      method: 'DENSE',
      tier: 'HOT',
      status: 'SEARCHED',
      candidates: 1,
      tookMs: 2,
      reason: null,
    },
  ],
};
const hit = {
  rank: 1,
  chunk,
  score: 0.03278,
  parts: {
    ...{ dense: 0.61, sparse: null, visual: null, sound: null },
    ...{ fused: 0.03278, relevance: null, boost: 1, rerank: null },
  },
  highlights: [{ start: 4, end: 8 }],
};
const found = {
  tookMs: 12.4,
  cache: 'BYPASS',
  stages: [{ stage: 'encode', tookMs: 5 }],
  coverage,
  hits: { pageInfo: { hasNextPage: false, hasPreviousPage: false, endCursor: 'x' }, nodes: [hit] },
};

describe('search', () => {
  it('prints passages with their place and the parts of their score', async () => {
    const inputs: unknown[] = [];
    await using server = await serveLocally({
      search: ({ input }: { input: unknown }) => {
        inputs.push(input);
        return found;
      },
    });
    const words = [
      'search',
      'seal',
      '--top',
      '3',
      '--mode',
      'dense',
      '--filter',
      'year>=2020',
      '--include-cold',
      '--url',
      server.url,
    ];
    const { exitCode, out } = await type(words);
    expect(exitCode).toBe(exitCodes.ok);
    expect(out).toContain('1. Manual, page 3');
    expect(out).toContain('score 0.03278 (dense 0.6100, sparse –, fused 0.03278)');
    expect(out).toContain('every 500 operating hours');
    expect(out).toContain('1 passage in 12 ms. Searched: text dense 1.');
    expect(inputs).toMatchObject([
      { text: 'seal', first: 3, mode: 'DENSE', filter: { year: { from: 2020 } }, includeCold: true },
    ]);
  });

  it('searches with a picture, a sound, or a passage, among some kinds of content', async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'photo.png');
    await writeFile(path, 'pixels');
    const inputs: unknown[] = [];
    let uploads = 0;
    const picture = {
      ...hit,
      parts: { ...hit.parts, dense: null, visual: 0.91, relevance: 0.97, boost: 1.2 },
      chunk: {
        ...chunk,
        modality: 'IMAGE',
        text: null,
        locator: { __typename: 'ImageRegion', box: { left: 0, top: 0, width: 1, height: 1 } },
      },
    };
    await using server = await serveLocally({
      createUpload: () => ({
        __typename: 'UploadTicket',
        id: `upl_${++uploads}`,
        putUrl: '/v1/uploads/x?token=y',
        maxBytes: 1000,
      }),
      search: ({ input }: { input: unknown }) => {
        inputs.push(input);
        return { ...found, hits: { ...found.hits, nodes: [picture] } };
      },
    });
    const ask = (...words: string[]) => type(['search', ...words, '--url', server.url]);
    const { out } = await ask('--image', path, '--modality', 'image', '--modality', 'video');
    expect(out).toContain('1. Manual, the whole picture [image]');
    expect(out).toContain('visual 0.9100, relevance 0.9700');
    await ask('--audio', path);
    await ask('--like', 'chk_7');
    expect(inputs).toMatchObject([
      { imageUploadId: 'upl_1', modalities: ['IMAGE', 'VIDEO'] },
      { audioUploadId: 'upl_2' },
      { similarToChunkId: 'chk_7' },
    ]);
    expect(server.uploads.map(String)).toEqual(['pixels', 'pixels']);
    expect((await ask('--image', join(directory.path, 'gone.png'))).exitCode).toBe(exitCodes.notFound);
  });

  it('prints JSON as docs/cli.md describes it', async () => {
    await using server = await serveLocally({ search: () => found });
    const { out } = await type(['search', 'seal', '--json', '--url', `${server.url}/graphql`]);
    expect(JSON.parse(out)).toEqual({
      query: 'seal',
      tookMs: 12.4,
      cache: 'BYPASS',
      stages: found.stages,
      coverage,
      hits: [{ ...hit, chunk: { ...chunk, locator: { type: 'PageRegion', page: 3, box: null } } }],
    });
  });

  it.each([
    ['DENIED', exitCodes.denied],
    ['NOT_FOUND', exitCodes.notFound],
    ['BUSY', exitCodes.busy],
    ['REJECTED_INPUT', exitCodes.usage],
    ['DEFECT', exitCodes.failed],
  ])('says in one sentence why the server refuses: %s', async (code, expected) => {
    await using server = await serveLocally({
      search: () => new GraphQLError('It is\n so.', { extensions: { code } }),
    });
    const { exitCode, out, err } = await type(['search', 'seal', '--url', server.url]);
    expect({ exitCode, out, err }).toEqual({ exitCode: expected, out: '', err: 'It is so.\n' });
  });

  it('says where no server answers', async () => {
    const server = await serveLocally({});
    await server[Symbol.asyncDispose]();
    const { exitCode, err } = await type(['search', 'seal'], { TRIBUTARY_URL: server.url });
    expect(exitCode).toBe(exitCodes.unreachable);
    expect(err).toBe(
      `Cannot reach a Tributary server at ${server.url} (nothing listens there). Start it with \`npm start\`, or say where it is by --url or TRIBUTARY_URL.\n`,
    );
  });

  it.each([
    [['search']],
    [['search', 'x', '--like', 'chk_1']],
    [['search', 'x', '--modality', 'smell']],
    [['search', 'x', '--top', '0']],
    [['search', 'x', '--mode', 'magic']],
    [['search', 'x', '--url', 'ftp://x']],
    [['serach', 'x']],
    [['ask']],
  ])('refuses the command line %j', async (words) => {
    const { exitCode, err } = await type(words);
    expect(exitCode).toBe(exitCodes.usage);
    expect(err).not.toBe('');
  });
});

describe('delete', () => {
  it('prints the receipt', async () => {
    const receipt = {
      __typename: 'DeletionReceipt',
      id: 'rcp_1',
      documentId: 'doc_1',
      requestedAt: '2026-11-23T02:55:42.000Z',
      unfindableAt: '2026-11-23T02:55:42.000Z',
      purgedAt: null,
      signature: null,
      stores: [{ store: 'vectors', removed: 4, purgedAt: null }],
    };
    await using server = await serveLocally({ deleteDocument: () => receipt });
    const json = await type(['delete', 'doc_1', '--json', '--url', server.url]);
    const { __typename, ...shown } = receipt;
    expect(JSON.parse(json.out)).toEqual(shown);
    const text = await type(['delete', 'doc_1', '--url', server.url]);
    expect(text.out).toContain('vectors  4 removed');
  });

  it('says that there is no such document', async () => {
    const message = 'There is no document doc_2.';
    await using server = await serveLocally({
      deleteDocument: () => ({ __typename: 'NotFound', code: 'NOT_FOUND', message }),
    });
    const { exitCode, err } = await type(['delete', 'doc_2', '--url', server.url]);
    expect({ exitCode, err }).toEqual({ exitCode: exitCodes.notFound, err: `${message}\n` });
  });
});

describe('ask', () => {
  const event = (sequence: number, more: object) => ({
    answer: { sequence, cursor: `c${sequence}`, answerId: 'ans_1', ...more },
  });
  const citation = {
    index: 1,
    support: 'VERIFIED',
    quote: 'The seal is inspected every 500 operating hours.',
    answerRange: { start: 0, end: 22 },
    locator: { __typename: 'PageRegion', page: 3, box: null },
    chunk: { id: 'chk_1', document },
  };
  const completed = (state: string) => ({
    __typename: 'AnswerCompleted',
    answer: {
      id: 'ans_1',
      conversationId: 'cnv_1',
      state,
      style: 'EXTRACTIVE',
      model: 'extractive',
      text: 'Every 500 hours. Done.',
      reason: null,
      usage: { promptTokens: 0, completionTokens: 0, costMicroUsd: null, firstTokenMs: 3, totalMs: 9 },
      coverage,
    },
  });
  async function* whole() {
    yield event(1, { __typename: 'AnswerStarted', model: 'extractive', style: 'EXTRACTIVE' });
    yield event(2, { __typename: 'TokenDelta', text: 'Every 500 hours.' });
    yield event(3, { __typename: 'CitationAdded', citation });
    yield event(4, { __typename: 'TokenDelta', text: ' Done.' });
    yield event(5, {
      __typename: 'CitationAdded',
      citation: { ...citation, index: 2, support: 'UNSUPPORTED' },
    });
    yield event(6, completed('COMPLETED'));
  }

  it('streams the answer with numbered citations, usage and coverage', async () => {
    await using server = await serveLocally({ answer: whole });
    const { exitCode, out } = await type(['ask', 'How often?', '--url', server.url]);
    expect(exitCode).toBe(exitCodes.ok);
    expect(out).toContain('Every 500 hours. [1] Done. [?]\n');
    expect(out).toContain('[1] Manual, page 3 · samples/manual.md (verified)\n    “The seal is inspected');
    expect(out).toContain('[?] No passage was found that says this.');
    expect(out).toContain('In the passages’ own words · ');
    expect(out).toContain('Searched: text dense 1.');
  });

  it('prints one event a line', async () => {
    await using server = await serveLocally({ answer: whole });
    const { out } = await type(['ask', 'How often?', '--json', '--url', server.url]);
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map(({ type: kind, sequence }) => [kind, sequence])).toEqual([
      ['AnswerStarted', 1],
      ['TokenDelta', 2],
      ['CitationAdded', 3],
      ['TokenDelta', 4],
      ['CitationAdded', 5],
      ['AnswerCompleted', 6],
    ]);
  });

  it('goes on with an answer behind a cursor', async () => {
    const asked: unknown[] = [];
    await using server = await serveLocally({
      async *answer(given: object) {
        asked.push({ ...given });
        yield event(6, completed('COMPLETED'));
      },
    });
    await type(['ask', '--resume', 'ans_1/c5', '--url', server.url]);
    await type(['ask', '--resume', 'ans_1', '--url', server.url]);
    expect(asked).toEqual([
      { id: 'ans_1', after: 'c5' },
      { id: 'ans_1', after: null },
    ]);
  });

  it('stops the answer on Ctrl-C', async () => {
    const interrupt = new AbortController();
    let stop: (id: string) => void = () => undefined;
    const stopped = new Promise<string>((resolve) => {
      stop = resolve;
    });
    await using server = await serveLocally({
      async *answer() {
        yield event(1, { __typename: 'TokenDelta', text: 'Every' });
        interrupt.abort();
        await stopped;
        yield event(2, completed('STOPPED'));
      },
      stopAnswer: ({ id }: { id: string }) => {
        stop(id);
        return { __typename: 'Answer', id, state: 'STOPPED' };
      },
    });
    const { exitCode, out } = await type(['ask', 'How often?', '--url', server.url], {}, interrupt.signal);
    expect(exitCode).toBe(exitCodes.interrupted);
    expect(await stopped).toBe('ans_1');
    expect(out).toContain('(stopped)');
  });
});

describe('ingest', () => {
  const job = (id: string, more: object = {}) => ({
    __typename: 'IngestJob',
    id,
    state: 'QUEUED',
    stage: 'QUEUED',
    duplicate: false,
    chunksTotal: 0,
    chunksStored: 0,
    attempts: 1,
    error: null,
    document: { id: `doc_of_${id}`, title: id, state: 'PROCESSING', version: 1 },
    ...more,
  });
  const done = { state: 'SUCCEEDED', stage: 'DONE', chunksTotal: 2, chunksStored: 2 };

  /** Takes files in; one whose name has `bad` in it fails. */
  async function serveIngest(requests: unknown[]) {
    let url = '';
    const server = await serveLocally({
      createUpload: ({ input }: { input: { fileName: string } }) => ({
        __typename: 'UploadTicket',
        id: input.fileName,
        putUrl: `/v1/uploads/${input.fileName}`,
        maxBytes: 1000,
        expiresAt: '2026-11-23T02:55:42.000Z',
      }),
      ingestDocument: ({ input }: { input: { uploadId: string } }) => {
        requests.push(JSON.parse(JSON.stringify(input)));
        return job(input.uploadId);
      },
      async *ingestProgress({ jobId }: { jobId: string }) {
        yield { ingestProgress: { sequence: 1, job: job(jobId, { state: 'RUNNING', stage: 'ENCODE' }) } };
        const error = { code: 'NO_TEXT', message: 'There is no text in it.', field: null };
        const end = jobId.includes('bad') ? { state: 'FAILED', stage: 'DONE', error } : done;
        yield { ingestProgress: { sequence: 2, job: job(jobId, end) } };
      },
    });
    url = server.url;
    return { server, url };
  }

  it('sends files, follows their jobs, and goes on where one fails', async () => {
    await using folder = await temporaryDirectory();
    await writeFile(join(folder.path, 'bad.txt'), ' ');
    await writeFile(join(folder.path, 'good.txt'), 'The seal.');
    const requests: unknown[] = [];
    const { server, url } = await serveIngest(requests);
    await using _ = server;
    const words = [
      'ingest',
      folder.path,
      '--tag',
      'a',
      '--tag',
      'b',
      '--year',
      '2024',
      '--json',
      '--url',
      url,
    ];
    const { exitCode, out, err } = await type([...words, '--concurrency', '1']);
    expect(exitCode).toBe(exitCodes.failed);
    const result = JSON.parse(out) as { documents: object[] };
    expect(result).toMatchObject({ succeeded: 1, duplicates: 0, failed: 1, skipped: 0 });
    expect(result.documents).toMatchObject([
      { state: 'FAILED', documentId: 'doc_of_bad.txt', error: { code: 'NO_TEXT' } },
      { state: 'SUCCEEDED', documentId: 'doc_of_good.txt', jobId: 'good.txt', chunks: 2, error: null },
    ]);
    expect(err).toContain('There is no text in it.');
    expect(server.uploads.map(String)).toEqual([' ', 'The seal.']);
    expect(requests[1]).toEqual({
      uploadId: 'good.txt',
      source: join(folder.path, 'good.txt'),
      attributes: { tags: ['a', 'b'], year: 2024 },
    });
  });

  it('refuses what is too large before it is sent', async () => {
    await using folder = await temporaryDirectory();
    await writeFile(join(folder.path, 'large.txt'), 'x'.repeat(1001));
    const { server, url } = await serveIngest([]);
    await using _ = server;
    const { exitCode, err } = await type(['ingest', join(folder.path, 'large.txt'), '--url', url]);
    expect(exitCode).toBe(exitCodes.failed);
    expect(err).toContain('The file has 1,001 bytes; at most 1,000 are taken.');
    expect(server.uploads).toEqual([]);
  });

  it('says by its exit code that no server answers', async () => {
    await using folder = await temporaryDirectory();
    await writeFile(join(folder.path, 'good.txt'), 'The seal.');
    const server = await serveLocally({});
    await server[Symbol.asyncDispose]();
    const { exitCode } = await type(['ingest', folder.path, '--url', server.url]);
    expect(exitCode).toBe(exitCodes.unreachable);
  });
});

describe('documents', () => {
  it('lists as many as are wanted, page by page', async () => {
    const all = Array.from({ length: 250 }, (_, index) => ({
      ...document,
      id: `doc_${index}`,
      state: 'SEARCHABLE',
      modality: 'TEXT',
      mediaType: 'text/plain',
      byteSize: 9,
      version: 1,
      createdAt: '2026-11-23T02:55:42.000Z',
      updatedAt: '2026-11-23T02:55:42.000Z',
      gaps: [],
    }));
    await using server = await serveLocally({
      documents: ({ first, after }: { first: number; after: string | null }) => {
        const from = Number(after ?? 0);
        const nodes = all.slice(from, from + first);
        const end = from + nodes.length;
        return {
          totalCount: all.length,
          nodes,
          pageInfo: { hasNextPage: end < all.length, hasPreviousPage: false, endCursor: String(end) },
        };
      },
    });
    const whole = await type(['documents', '--limit', '1000', '--json', '--url', server.url]);
    const listed = JSON.parse(whole.out) as { totalCount: number; documents: { id: string }[] };
    expect(listed.totalCount).toBe(250);
    expect(listed.documents.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    const some = await type(['documents', '--limit', '2', '--url', server.url]);
    expect(some.out.split('\n')).toHaveLength(4);
    expect(some.out).toContain('250 documents, of which the newest 2; --limit shows more.');
  });
});
