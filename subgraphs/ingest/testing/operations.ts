import type { IngestBench } from './ingest-bench.ts';

const jobFields =
  'id state stage duplicate chunksTotal chunksStored attempts error { code message } document { id version state title }';

/** A job as the tests ask for it. */
export interface SeenJob {
  readonly __typename: 'IngestJob';
  readonly id: string;
  readonly state: string;
  readonly stage: string;
  readonly duplicate: boolean;
  readonly chunksTotal: number;
  readonly chunksStored: number;
  readonly attempts: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly document: {
    readonly id: string;
    readonly version: number;
    readonly state: string;
    readonly title: string;
  };
}

/** An expected failure. */
export interface SeenProblem {
  readonly __typename: 'Rejected' | 'Busy' | 'NotFound' | 'Denied';
  readonly code: string;
  readonly message: string;
}

/** Takes a document in, and gives what the mutation gave. */
export async function ingestRaw(
  bench: IngestBench,
  input: Record<string, unknown>,
  tenant = 'acme',
): Promise<SeenJob | SeenProblem> {
  const { ingestDocument } = await bench.run<{ ingestDocument: SeenJob | SeenProblem }>(
    `mutation ($input: IngestDocumentInput!) {
       ingestDocument(input: $input) {
         __typename ... on IngestJob { ${jobFields} } ... on Problem { code message }
       }
     }`,
    { input },
    { tenant },
  );
  return ingestDocument;
}

/** Takes a document in, waits for its job to end, and gives the job. */
export async function ingest(
  bench: IngestBench,
  input: Record<string, unknown>,
  tenant = 'acme',
): Promise<SeenJob> {
  const accepted = await ingestRaw(bench, input, tenant);
  if (accepted.__typename !== 'IngestJob') throw new Error(`${accepted.code}: ${accepted.message}`);
  return finish(bench, accepted.id, tenant);
}

/** Waits for a job to end, by its progress. */
export async function finish(bench: IngestBench, jobId: string, tenant = 'acme'): Promise<SeenJob> {
  const events = await bench.follow(
    `subscription ($id: ID!) { ingestProgress(jobId: $id) { sequence job { ${jobFields} } } }`,
    { id: jobId },
    tenant,
  );
  let last: SeenJob | undefined;
  for await (const { data, errors } of events) {
    if (errors?.[0]) throw errors[0].originalError ?? errors[0];
    last = (data as unknown as { ingestProgress: { job: SeenJob } }).ingestProgress.job;
  }
  if (last === undefined) throw new Error('the job had no events');
  return last;
}

/** The texts of a document's passages. */
export async function passages(bench: IngestBench, documentId: string, tenant = 'acme') {
  const { document } = await bench.run<{
    document: {
      chunks: { nodes: { id: string; text: string; ordinal: number; locator: Record<string, unknown> }[] };
    };
  }>(
    `query ($id: ID!) { document(id: $id) { chunks(first: 200) { nodes {
       id text ordinal
       locator { __typename ... on TextRange { start end } ... on PageRegion { page box { left top width height } } }
     } } } }`,
    { id: documentId },
    { tenant },
  );
  return document.chunks.nodes;
}

/** What the vector store finds, by words. */
export async function search(bench: IngestBench, text: string, tenant = 'acme') {
  const { encoder, vectors } = bench;
  return vectors.searchSparse({
    collection: { family: 'text', fingerprint: encoder.description.fingerprint },
    tenant,
    filter: null,
    limit: 100,
    text,
  });
}

/** Sends bytes the way a client does: asks for an address, puts them there. @returns the upload's id. */
export async function upload(
  bench: IngestBench,
  fileName: string,
  bytes: Uint8Array,
  mediaType?: string,
): Promise<string> {
  const { createUpload } = await bench.run<{ createUpload: { id: string; putUrl: string } }>(
    'mutation ($input: CreateUploadInput!) { createUpload(input: $input) { ... on UploadTicket { id putUrl } } }',
    { input: { fileName, mediaType } },
  );
  const response = await bench.fetch('PUT', createUpload.putUrl, { body: bytes as Uint8Array<ArrayBuffer> });
  if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`);
  return createUpload.id;
}
