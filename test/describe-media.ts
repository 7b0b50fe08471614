import sharp from 'sharp';
import { expect, it } from 'vitest';
import { collect } from '../platform/testing/collect.ts';
import { eventually } from '../platform/testing/eventually.ts';
import type { System } from './system.ts';

const ingestDocument = /* GraphQL */ `
  mutation ($input: IngestDocumentInput!) {
    ingestDocument(input: $input) { __typename ... on IngestJob { id document { id } } ... on Rejected { message } }
  }
`;
const progress = /* GraphQL */ `
  subscription ($jobId: ID!) {
    ingestProgress(jobId: $jobId) { job { state document { state gaps { message } } error { message } } }
  }
`;
const search = /* GraphQL */ `
  query ($input: SearchInput!) {
    search(input: $input) {
      hits {
        nodes {
          parts { dense visual }
          chunk {
            text
            modality
            previewUrl
            locator {
              __typename
              ... on ImageRegion { box { left top width height } }
              ... on CellRange { firstRow lastRow firstColumn lastColumn }
            }
            document { id title contentUrl }
          }
        }
      }
      coverage { sources { modality space method status } }
    }
  }
`;
const answer = /* GraphQL */ `
  subscription ($input: AskInput) {
    answer(input: $input) {
      __typename
      ... on CitationAdded {
        citation { quote chunk { document { id } } locator { __typename ... on ImageRegion { box { width height } } } }
      }
      ... on AnswerCompleted { answer { state } }
    }
  }
`;

interface Found {
  readonly search: {
    readonly hits: {
      readonly nodes: readonly {
        readonly parts: { readonly dense: number | null; readonly visual: number | null };
        readonly chunk: {
          readonly text: string;
          readonly modality: string;
          readonly previewUrl: string | null;
          readonly locator: { readonly __typename: string };
          readonly document: { readonly id: string; readonly title: string; readonly contentUrl: string };
        };
      }[];
    };
    readonly coverage: {
      readonly sources: readonly {
        readonly modality: string;
        readonly space: string;
        readonly status: string;
      }[];
    };
  };
}
interface AnswerEvent {
  readonly answer: {
    readonly __typename: string;
    readonly citation?: {
      readonly quote: string | null;
      readonly chunk: { readonly document: { readonly id: string } } | null;
      readonly locator: { readonly __typename: string } | null;
    };
    readonly answer?: { readonly state: string };
  };
}

const side = 240;
const paper = (shape: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}">
     <rect width="${side}" height="${side}" fill="white"/>${shape}</svg>`;
const redCircle = '<circle cx="120" cy="120" r="70" fill="#d02020"/>';
const blueSquare = '<rect x="55" y="55" width="130" height="130" fill="#2040d0"/>';
const draw = (shape: string) => sharp(Buffer.from(paper(shape))).flatten({ background: 'white' });

const parts = 'part,stock,price\nmechanical seal,4,120.5\nroller bearing,0,38\ndrive belt,12,64\n';

/** Pictures and tables: put in, found, located, shown, searched with, cited and deleted, whichever way it runs. */
export function describeMedia(systemOf: () => System): void {
  const find = async (input: Record<string, unknown>) =>
    (await systemOf().query<Found>(search, { input: { deadlineMs: 30_000, ...input } })).search;

  async function upload(fileName: string, bytes: Uint8Array): Promise<string> {
    const { createUpload } = await systemOf().query<{ createUpload: { id: string; putUrl: string } }>(
      /* GraphQL */ `mutation ($fileName: String!) {
        createUpload(input: { fileName: $fileName }) { ... on UploadTicket { id putUrl } }
      }`,
      { fileName },
    );
    const body = new Uint8Array(bytes);
    const sent = await fetch(new URL(createUpload.putUrl, systemOf().url), { method: 'PUT', body });
    expect(sent.ok, await sent.text()).toBe(true);
    return createUpload.id;
  }

  /** Puts a file in, waits until its job has ended, and returns the document's id. */
  async function put(
    fileName: string,
    bytes: Uint8Array,
    attributes: Record<string, unknown>,
  ): Promise<string> {
    const uploadId = await upload(fileName, bytes);
    const { ingestDocument: job } = await systemOf().query<{
      ingestDocument: { __typename: string; id: string; document: { id: string } };
    }>(ingestDocument, { input: { uploadId, attributes } });
    expect(job).toMatchObject({ __typename: 'IngestJob' });
    const events = await collect(
      systemOf().subscribe<{ ingestProgress: { job: unknown } }>(progress, { jobId: job.id }),
    );
    expect(events.at(-1)?.ingestProgress.job).toMatchObject({ state: 'SUCCEEDED' });
    return job.document.id;
  }

  it('finds a picture by its caption and by what it shows, says where, shows it, and cites it', async () => {
    const circle = await draw(redCircle).png().toBuffer();
    const circleId = await put('sign-a.png', circle, {
      title: 'Stop sign',
      metadata: { caption: 'The belt of conveyor Tangerine is cleaned by hand.' },
      tags: ['signs'],
    });
    const square = await draw(blueSquare).png().toBuffer();
    const squareId = await put('sign-b.png', square, {
      title: 'Go sign',
      metadata: { caption: 'The belt of conveyor Bergamot is replaced every 300 hours.' },
      tags: ['signs'],
    });

    // By its words: of the two, only one is of this conveyor.
    const byCaption = await find({ text: 'belt of conveyor Bergamot', modalities: ['IMAGE'] });
    expect(byCaption.hits.nodes[0]?.chunk.document.id).toBe(squareId);

    // By what it shows: no word of the question stands anywhere in it.
    for (const [text, id] of [
      ['a red circle', circleId],
      ['a blue square', squareId],
    ]) {
      const { hits, coverage } = await find({ text, modalities: ['IMAGE'], filter: { tagsAll: ['signs'] } });
      expect(hits.nodes[0]?.chunk.document.id, text).toBe(id);
      expect(hits.nodes[0]?.parts.visual, text).toBeGreaterThan(0);
      expect(coverage.sources).toContainEqual(
        expect.objectContaining({ modality: 'IMAGE', space: 'VISUAL', method: 'DENSE', status: 'SEARCHED' }),
      );
    }

    // Like another picture, which is not kept.
    const other = await draw('<circle cx="105" cy="130" r="60" fill="#e03030"/>').jpeg().toBuffer();
    const alike = await find({
      imageUploadId: await upload('other.jpg', other),
      filter: { tagsAll: ['signs'] },
    });
    const [best] = alike.hits.nodes;
    expect(best?.chunk.document.id).toBe(circleId);
    expect(best?.chunk).toMatchObject({
      modality: 'IMAGE',
      locator: { __typename: 'ImageRegion', box: { left: 0, top: 0, width: 1, height: 1 } },
    });

    const preview = await fetch(new URL(best?.chunk.previewUrl ?? '', systemOf().url));
    expect(preview.headers.get('content-type')).toBe('image/webp');
    const { data, info } = await sharp(Buffer.from(await preview.arrayBuffer()))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const middle = ((info.height >> 1) * info.width + (info.width >> 1)) * info.channels;
    const [red = 0, green = 255] = data.subarray(middle, middle + 3);
    expect(red - green).toBeGreaterThan(100);

    const content = new URL(best?.chunk.document.contentUrl ?? '', systemOf().url);
    const whole = await fetch(content);
    expect(Buffer.from(await whole.arrayBuffer()).equals(circle)).toBe(true);
    const part = await fetch(content, { headers: { range: 'bytes=1-7' } });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes 1-7/${circle.length}`);
    expect(Buffer.from(await part.arrayBuffer()).toString('latin1')).toBe('PNG\r\n\x1a\n');

    const events = await collect(
      systemOf().subscribe<AnswerEvent>(answer, {
        input: {
          question: 'How often is the belt of conveyor Bergamot replaced?',
          filter: { documentIds: [squareId] },
        },
      }),
    );
    expect(events.at(-1)?.answer).toMatchObject({ __typename: 'AnswerCompleted' });
    const cited = events.flatMap(({ answer: { citation } }) => citation ?? []);
    expect(cited[0]).toMatchObject({
      chunk: { document: { id: squareId } },
      locator: { __typename: 'ImageRegion' },
    });
  });

  it('finds the rows of a table whose cells are asked for', async () => {
    const id = await put('stock-list.csv', Buffer.from(parts), { title: 'Stock list' });
    const rows = async (cells: readonly unknown[]) =>
      (await find({ text: 'which part', filter: { documentIds: [id], cells } })).hits.nodes;

    const [dear, ...others] = await rows([
      { column: 'Price', greaterThan: 100 },
      { column: 'stock', atLeast: 1 },
    ]);
    expect(others).toEqual([]);
    expect(dear?.chunk.text).toContain('mechanical seal');
    expect(dear?.chunk).toMatchObject({ modality: 'TABLE', locator: { __typename: 'CellRange' } });
    expect(await rows([{ column: 'price', greaterThan: 1000 }])).toEqual([]);
  });

  it('deletes a picture with all of its vectors and its preview, and says how many', async () => {
    const bytes = await draw('<polygon points="120,40 200,190 40,190" fill="#20a040"/>').png().toBuffer();
    const id = await put('sign-c.png', bytes, { title: 'Sign of conveyor Quince' });
    const { hits } = await find({ text: 'conveyor Quince', filter: { documentIds: [id] } });
    const shown = hits.nodes[0]?.chunk;
    const preview = new URL(shown?.previewUrl ?? '', systemOf().url);
    expect((await fetch(preview)).status).toBe(200);

    const { deleteDocument } = await systemOf().query<{ deleteDocument: { id: string } }>(
      'mutation ($id: ID!) { deleteDocument(id: $id) { ... on DeletionReceipt { id } } }',
      { id },
    );
    expect((await find({ text: 'conveyor Quince', filter: { documentIds: [id] } })).hits.nodes).toEqual([]);
    await eventually(
      async () => {
        const { deletionReceipt } = await systemOf().query<{
          deletionReceipt: { purgedAt: string | null; stores: { store: string; removed: number }[] };
        }>('query ($id: ID!) { deletionReceipt(id: $id) { purgedAt stores { store removed } } }', {
          id: deleteDocument.id,
        });
        expect(deletionReceipt.purgedAt).not.toBeNull();
        const removed = Object.fromEntries(deletionReceipt.stores.map((each) => [each.store, each.removed]));
        // What it shows and what is said of it; its bytes and its preview.
        expect(removed).toMatchObject({ vectors: 2, blobs: 2 });
        return true;
      },
      { timeoutMs: 60_000 },
    );
    expect((await fetch(preview)).ok).toBe(false);
  });
}
