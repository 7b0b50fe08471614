import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startCluster } from '../deploy/cluster/start-cluster.ts';
import { eventually } from '../platform/testing/eventually.ts';
import { temporaryDirectory } from '../platform/testing/temporary-directory.ts';
import { ask } from './faults/ask.ts';

const ingest = /* GraphQL */ `
  mutation ($text: String!, $source: String!) {
    ingestDocument(input: { text: $text, source: $source }) { ... on IngestJob { document { id } } }
  }
`;
const remove = /* GraphQL */ `
  mutation ($id: ID!) { deleteDocument(id: $id) { __typename } }
`;
const search = /* GraphQL */ `
  query ($text: String!, $mode: SearchMode!) {
    search(input: { text: $text, mode: $mode, deadlineMs: 10000 }) {
      hits { nodes { chunk { document { id } } } }
      coverage { complete sources { modality method status reason } }
    }
  }
`;
interface Ingested {
  readonly ingestDocument: { readonly document: { readonly id: string } };
}
interface Found {
  readonly search: {
    readonly hits: {
      readonly nodes: readonly { readonly chunk: { readonly document: { readonly id: string } } | null }[];
    };
    readonly coverage: {
      readonly complete: boolean;
      readonly sources: readonly {
        readonly modality: string;
        readonly method: string;
        readonly status: string;
        readonly reason: string | null;
      }[];
    };
  };
}

const start = (dataDirectory: string) => startCluster({ dataDirectory, port: 0, vectors: 'milvus' });

async function searchFor(url: string, text: string, mode: string) {
  const { search: found } = await ask<Found>(url, search, { text, mode }, 20_000);
  return { ...found.coverage, ids: found.hits.nodes.map(({ chunk }) => chunk?.document.id) };
}

it('serves documents on the full server of Milvus 2.3.5, says that it knows no words, and has them after a restart', {
  timeout: 240_000,
}, async () => {
  await using directory = await temporaryDirectory();
  const dataDirectory = join(directory.path, 'cluster');
  const ids: string[] = [];
  {
    await using cluster = await start(dataDirectory);
    for (const text of [
      'The pump P-101 is serviced every 500 hours.',
      'The boiler is inspected in spring.',
    ]) {
      const { ingestDocument } = await ask<Ingested>(
        cluster.url,
        ingest,
        { text, source: text.slice(4, 8) },
        20_000,
      );
      ids.push(ingestDocument.document.id);
    }
    const [pump, boiler] = ids;
    await eventually(
      async () => (await searchFor(cluster.url, 'When is the pump serviced?', 'DENSE')).ids.length === 2,
      { timeoutMs: 60_000 },
    );
    const dense = await searchFor(cluster.url, 'How often is the pump serviced?', 'DENSE');
    expect(dense.ids[0]).toBe(pump);
    expect(dense.complete).toBe(true);

    const hybrid = await searchFor(cluster.url, 'How often is the pump serviced?', 'HYBRID');
    expect(hybrid.ids[0]).toBe(pump);
    expect(hybrid.complete).toBe(false);
    expect(hybrid.sources.filter(({ modality }) => modality === 'TEXT')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ method: 'DENSE', status: 'SEARCHED' }),
        expect.objectContaining({
          method: 'SPARSE',
          status: 'UNAVAILABLE',
          reason: expect.stringContaining('cannot search by words'),
        }),
      ]),
    );

    await ask(cluster.url, remove, { id: boiler }, 20_000);
    const left = await searchFor(cluster.url, 'When is the boiler inspected?', 'DENSE');
    expect(left.ids).toEqual([pump]);
  }
  await using again = await start(dataDirectory);
  const [pump] = ids;
  await eventually(
    async () => {
      const { ids: found } = await searchFor(again.url, 'pump P-101, after a restart', 'DENSE');
      return found.length === 1 && found[0] === pump;
    },
    { timeoutMs: 60_000 },
  );
});
