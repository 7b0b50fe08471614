import { PDFDocument, StandardFonts } from 'pdf-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../platform/testing/eventually.ts';
import { describeMedia } from './describe-media.ts';
import { collect, type System, startSystem } from './system.ts';

const ingestDocument = /* GraphQL */ `
  mutation ($input: IngestDocumentInput!) {
    ingestDocument(input: $input) {
      __typename
      ... on IngestJob { id state duplicate document { id version } }
      ... on Rejected { code field message }
    }
  }
`;
const progress = /* GraphQL */ `
  subscription ($jobId: ID!) {
    ingestProgress(jobId: $jobId) {
      sequence
      job { state stage chunksTotal chunksStored document { id title state } error { code message } }
    }
  }
`;
const search = /* GraphQL */ `
  query ($input: SearchInput!) {
    search(input: $input) {
      hits {
        nodes {
          rank
          score
          parts { dense sparse fused }
          highlights { start end }
          chunk {
            id
            text
            locator {
              __typename
              ... on TextRange { start end }
              ... on PageRegion { page box { left top width height } }
            }
            document { id title author tags year version }
          }
        }
        pageInfo { hasNextPage endCursor }
      }
      coverage { complete sources { modality method status candidates } }
    }
  }
`;
const answer = /* GraphQL */ `
  subscription ($input: AskInput, $id: ID, $after: String) {
    answer(input: $input, id: $id, after: $after) {
      __typename
      cursor
      sequence
      answerId
      ... on AnswerStarted { model style }
      ... on RetrievalProgress { source { modality method status } hits { chunk { id text } } }
      ... on TokenDelta { text }
      ... on CitationAdded {
        citation {
          index quote support
          answerRange { start end }
          chunk { id document { title } }
          locator { __typename ... on TextRange { start end } ... on PageRegion { page } }
        }
      }
      ... on AnswerCompleted { answer { id text state usage { totalMs } coverage { complete } citations { index } } }
      ... on AnswerFailed { code message }
    }
  }
`;

interface IngestResult {
  ingestDocument: {
    __typename: string;
    id: string;
    state: string;
    duplicate: boolean;
    document: { id: string; version: number };
    code?: string;
  };
}
interface ProgressEvent {
  ingestProgress: {
    sequence: number;
    job: {
      state: string;
      chunksTotal: number;
      chunksStored: number;
      document: { id: string; title: string; state: string };
      error: { code: string; message: string } | null;
    };
  };
}
interface Found {
  search: {
    hits: {
      nodes: {
        rank: number;
        score: number;
        parts: { dense: number | null; sparse: number | null; fused: number };
        chunk: {
          id: string;
          text: string;
          locator: {
            __typename: string;
            start?: number;
            end?: number;
            page?: number;
            box?: { width: number } | null;
          };
          document: { id: string; title: string; author: string | null; tags: string[]; version: number };
        };
      }[];
    };
    coverage: { complete: boolean; sources: { method: string; status: string }[] };
  };
}
interface AnswerEvent {
  answer: {
    __typename: string;
    cursor: string;
    sequence: number;
    answerId: string;
    text?: string;
    citation?: {
      index: number;
      quote: string;
      support: string;
      answerRange: { start: number; end: number };
      chunk: { document: { title: string } };
    };
    answer?: { text: string; state: string; citations: unknown[]; coverage: { complete: boolean } };
  };
}

const pumpManual = `Pump P-101 moves water from the intake basin to the header tank.

The mechanical seal of pump P-101 must be inspected every 500 hours and replaced every 4,000 hours.

The bearings are greased with lithium grease NLGI 2 every 1,000 hours. Never mix greases.`;

/** The path of a new user through the whole system, whichever way it runs. */
export function describeEndToEnd(name: string, program: string): void {
  describe(`end to end, ${name}`, () => {
    let system: System;
    beforeAll(async () => {
      system = await startSystem(program, { TRIBUTARY_ANSWER_STYLE: 'extractive' });
    }, 120_000);
    afterAll(async () => {
      await system?.[Symbol.asyncDispose]();
    }, 60_000);

    /** Puts a text in and waits until its job has ended. */
    async function ingest(input: Record<string, unknown>) {
      const { ingestDocument: job } = await system.query<IngestResult>(ingestDocument, { input });
      expect(job.__typename).toBe('IngestJob');
      const events = await collect(system.subscribe<ProgressEvent>(progress, { jobId: job.id }));
      return { job, events: events.map((event) => event.ingestProgress) };
    }
    const find = async (input: Record<string, unknown>) =>
      (await system.query<Found>(search, { input })).search;

    it('finds what was put in, says where it stands, and what was searched', async () => {
      const { job, events } = await ingest({
        text: pumpManual,
        source: 'pump-manual',
        attributes: {
          title: 'Pump manual',
          author: 'M. Ortiz',
          year: 2021,
          tags: ['pump'],
          metadata: { site: { name: 'north' } },
        },
      });

      expect(events.map(({ sequence }) => sequence)).toEqual(
        events.map((_, index) => (events[0]?.sequence ?? 1) + index),
      );
      expect(events.at(-1)?.job).toMatchObject({ state: 'SUCCEEDED', document: { state: 'SEARCHABLE' } });

      const { hits, coverage } = await find({ text: 'how often is the seal of P-101 inspected?' });
      const best = hits.nodes[0];
      expect(best?.chunk.document).toMatchObject({
        id: job.document.id,
        title: 'Pump manual',
        author: 'M. Ortiz',
      });
      expect(best?.chunk.text).toContain('every 500 hours');
      const { start = 0, end = 0 } = best?.chunk.locator ?? {};
      expect(pumpManual.slice(start, end)).toBe(best?.chunk.text);
      expect(best?.parts.dense).toBeGreaterThan(0);
      expect(best?.parts.sparse).toBeGreaterThan(0);
      expect(coverage.complete).toBe(true);
      expect(
        coverage.sources
          .filter(({ status }) => status === 'SEARCHED')
          .map(({ method }) => method)
          .sort(),
      ).toEqual(['DENSE', 'SPARSE']);
    });

    it('takes a PDF through a one-time upload address and finds its page', async () => {
      const pdf = await PDFDocument.create();
      const font = await pdf.embedFont(StandardFonts.Helvetica);
      for (const sentence of [
        'Commissioning of the screw conveyor.',
        'The conveyor belt tension is 42 newton metres.',
      ]) {
        pdf.addPage([595, 842]).drawText(sentence, { x: 72, y: 700, size: 12, font });
      }
      const { createUpload } = await system.query<{ createUpload: { id: string; putUrl: string } }>(
        /* GraphQL */ `mutation { createUpload(input: { fileName: "conveyor.pdf" }) { ... on UploadTicket { id putUrl } } }`,
      );
      const putUrl = new URL(createUpload.putUrl, system.url);
      const put = () => fetch(putUrl, { method: 'PUT', body: bytes });
      const bytes = Buffer.from(await pdf.save());
      expect((await put()).status).toBeLessThan(300);
      expect((await put()).status).toBe(409);

      const { events } = await ingest({ uploadId: createUpload.id });
      expect(events.at(-1)?.job).toMatchObject({ state: 'SUCCEEDED', document: { title: 'conveyor.pdf' } });

      const { hits } = await find({ text: 'belt tension of the conveyor', first: 1 });
      expect(hits.nodes[0]?.chunk.locator).toMatchObject({ __typename: 'PageRegion', page: 2 });
      expect(hits.nodes[0]?.chunk.locator.box?.width).toBeGreaterThan(0);
    });

    it('takes a file by one REST request', async () => {
      const form = new FormData();
      form.set(
        'file',
        new Blob(['# Valve V-7\n\nValve V-7 closes within three seconds.'], { type: 'text/markdown' }),
        'valve.md',
      );
      form.set('tags', 'valve');
      const response = await fetch(`${system.url}/v1/documents`, { method: 'POST', body: form });
      expect(response.status).toBe(202);

      await eventually(async () => {
        const { hits } = await find({ text: 'how fast does V-7 close?', filter: { tagsAll: ['valve'] } });
        expect(hits.nodes[0]?.chunk.text).toContain('three seconds');
        return true;
      });
    });

    it('keeps the same content once, and finds nothing of an older version', async () => {
      const source = 'shift-log';
      const first = await ingest({ text: 'The night shift saw a leak at flange F-3.', source });
      const again = await ingest({ text: 'The night shift saw a leak at flange F-3.', source });
      expect(again.job).toMatchObject({
        duplicate: true,
        document: { id: first.job.document.id, version: 1 },
      });

      const changed = await ingest({ text: 'The night shift saw nothing unusual at flange F-9.', source });
      expect(changed.job.document).toEqual({ id: first.job.document.id, version: 2 });
      const { hits } = await find({ text: 'flange leak', filter: { sources: [source] } });
      expect(hits.nodes.map(({ chunk }) => chunk.text)).toEqual([
        'The night shift saw nothing unusual at flange F-9.',
      ]);
    });

    it('streams an answer whose citations are the passages’ own words, and gives the rest to whoever comes back', async () => {
      const input = { question: 'How often must the seal of pump P-101 be inspected?' };
      const events = (await collect(system.subscribe<AnswerEvent>(answer, { input }))).map(
        (event) => event.answer,
      );

      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
      const last = events.at(-1);
      expect(last?.__typename).toBe('AnswerCompleted');
      const text = events.map((event) => (event.__typename === 'TokenDelta' ? event.text : '')).join('');
      expect(text).toBe(last?.answer?.text);
      expect(text).toContain('every 500 hours');
      const citation = events.find(({ __typename }) => __typename === 'CitationAdded')?.citation;
      expect(citation).toMatchObject({ support: 'VERIFIED', chunk: { document: { title: 'Pump manual' } } });
      expect(pumpManual).toContain(citation?.quote);
      // The answer is one line where the passage was broken into several.
      const inOneLine = citation?.quote?.replace(/\s+/g, ' ');
      expect(text.slice(citation?.answerRange.start, citation?.answerRange.end)).toContain(inOneLine);

      for (const { cursor, sequence } of events) {
        const rest = await collect(
          system.subscribe<AnswerEvent>(answer, { id: last?.answerId, after: cursor }),
        );
        expect(rest.map((event) => event.answer)).toEqual(events.slice(sequence));
      }
    });

    it('streams the same events by server-sent events', async () => {
      const response = await fetch(`${system.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({
          query: answer,
          variables: { input: { question: 'Which grease do the bearings get?' } },
        }),
      });
      expect(response.headers.get('content-type')).toContain('text/event-stream');
      const events = [...(await response.text()).matchAll(/^data: (\{.*\})$/gm)].map(
        ([, json]) => (JSON.parse(json ?? '') as { data: AnswerEvent }).data.answer,
      );
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
      expect(events.at(-1)?.answer?.text).toContain('NLGI 2');
    });

    it('says so, and cites nothing, where nothing answers', async () => {
      const input = { question: 'Who won the football world cup of 1954?' };
      const events = (await collect(system.subscribe<AnswerEvent>(answer, { input }))).map(
        (event) => event.answer,
      );
      expect(events.at(-1)?.answer).toMatchObject({ state: 'COMPLETED', citations: [] });
      expect(events.at(-1)?.answer?.text).toMatch(/nothing was found/i);
    });

    it('deletes with a receipt that can be asked for again, and finds nothing from then on', async () => {
      const { job } = await ingest({
        text: 'The secret code of the gate is kept by Zebulon.',
        source: 'gate',
      });
      const receiptFields =
        'id documentId requestedAt unfindableAt purgedAt signature stores { store removed purgedAt }';
      const { deleteDocument } = await system.query<{ deleteDocument: { id: string; documentId: string } }>(
        `mutation ($id: ID!) { deleteDocument(id: $id) { __typename ... on DeletionReceipt { ${receiptFields} } } }`,
        { id: job.document.id },
      );
      expect(deleteDocument.documentId).toBe(job.document.id);
      expect((await find({ text: 'Zebulon gate code', filter: { sources: ['gate'] } })).hits.nodes).toEqual(
        [],
      );
      expect(
        await system.query('query ($id: ID!) { document(id: $id) { id } }', { id: job.document.id }),
      ).toEqual({ document: null });

      await eventually(async () => {
        const { deletionReceipt } = await system.query<{
          deletionReceipt: {
            purgedAt: string;
            signature: string;
            stores: { store: string; removed: number }[];
          };
        }>(`query ($id: ID!) { deletionReceipt(id: $id) { ${receiptFields} } }`, { id: deleteDocument.id });
        expect(deletionReceipt.signature).toEqual(expect.any(String));
        expect(deletionReceipt.stores).toContainEqual(
          expect.objectContaining({ store: 'vectors', removed: 1 }),
        );
        expect(deletionReceipt.stores).toContainEqual(
          expect.objectContaining({ store: 'blobs', removed: 1 }),
        );
        return true;
      });
    });

    describeMedia(() => system);

    it.each([
      ['an empty query', { text: '  ' }],
      ['a query of 100,000 characters', { text: 'x'.repeat(100_000) }],
      ['a hundred thousand hits', { text: 'pump', first: 100_000 }],
      [
        'a metadata path that is none',
        { text: 'pump', filter: { metadata: [{ path: 'a b', exists: true }] } },
      ],
    ])('refuses %s, and says what is allowed', async (_, input) => {
      const { errors } = await system.execute(search, { input });
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'REJECTED_INPUT' });
      expect(errors?.[0]?.message.length).toBeGreaterThan(20);
    });

    it('refuses a filter on a field that does not exist', async () => {
      const { errors } = await system.execute(search, { input: { text: 'pump', filter: { colour: 'red' } } });
      expect(errors?.[0]?.message).toContain('colour');
    });

    it.each([
      ['an empty text', { text: '' }, 'EMPTY_FILE'],
      ['a private address', { url: 'http://127.0.0.1:1/secret' }, 'PRIVATE_ADDRESS'],
      ['nothing at all', {}, 'NO_CONTENT'],
    ])('refuses to take in %s', async (_, input, code) => {
      const { ingestDocument: result } = await system.query<IngestResult>(ingestDocument, { input });
      expect(result).toMatchObject({ __typename: 'Rejected', code });
    });
  });
}
