import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { TributaryClient } from '../cli/client.ts';
import { CommandFailure, exitCodes } from '../cli/failure.ts';
import { UnfinishedOperation } from './operations.generated.ts';
import type { CorpusDocument } from './read-collection.ts';

/** What became of a corpus. */
export interface IngestedCorpus {
  /** How many documents can be found. */
  readonly searchable: number;
  /** Documents that were refused, such as empty ones, with the reason. */
  readonly refused: readonly { readonly id: string; readonly message: string }[];
  /** How many documents were accepted and failed afterwards. */
  readonly failed: number;
}

/** Within the gateway's limits of aliases (30) and bytes (2 MiB) of one request, by default. */
const documentsPerRequest = 20;
const bytesPerRequest = 1_000_000;
const requestsAtOnce = 4;
const pollMs = 250;

/**
 * Puts a corpus in through the API, and waits until all of it can be found. Several documents go in one
 * request, and one question for the number of unfinished ones replaces a subscription for each.
 *
 * @param onProgress is told how many documents are done
 */
export async function ingestCorpus(
  client: TributaryClient,
  documents: readonly CorpusDocument[],
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<IngestedCorpus> {
  const refused: { id: string; message: string }[] = [];
  const waiting = batches(documents);
  let sent = 0;
  const send = async () => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      refused.push(...(await sendBatch(client, batch, signal)));
      sent += batch.length;
      onProgress(0, documents.length);
    }
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, send));
  for (;;) {
    const unfinished = await countDocuments(client, ['RECEIVED', 'PROCESSING'], signal);
    onProgress(sent - unfinished, documents.length);
    if (unfinished === 0) break;
    await delay(pollMs, undefined, { signal });
  }
  const searchable = await countDocuments(client, ['SEARCHABLE', 'PARTIAL'], signal);
  const failed = await countDocuments(client, ['FAILED'], signal);
  return { searchable, refused, failed };
}

async function countDocuments(
  client: TributaryClient,
  states: readonly ('RECEIVED' | 'PROCESSING' | 'SEARCHABLE' | 'PARTIAL' | 'FAILED')[],
  signal: AbortSignal,
): Promise<number> {
  return (await client.execute(UnfinishedOperation, { filter: { states } }, signal)).documents.totalCount;
}

const Outcomes = z.record(
  z.string(),
  z.discriminatedUnion('__typename', [
    z.object({ __typename: z.literal('IngestJob') }),
    z.object({ __typename: z.literal('Rejected'), message: z.string() }),
    z.object({ __typename: z.literal('Busy'), message: z.string(), retryAfterMs: z.number() }),
  ]),
);

/** Sends documents in one request, and those again for which the server was busy; returns the refused ones. */
async function sendBatch(
  client: TributaryClient,
  batch: readonly CorpusDocument[],
  signal: AbortSignal,
): Promise<{ id: string; message: string }[]> {
  const refused: { id: string; message: string }[] = [];
  let left = batch;
  for (let attempt = 1; left.length > 0; attempt++) {
    const variables = Object.fromEntries(left.map((document, index) => [`i${index}`, inputOf(document)]));
    const outcomes = Outcomes.parse(
      await client.executeText('IngestBatch', mutationFor(left.length), variables, signal),
    );
    const again: CorpusDocument[] = [];
    let retryAfterMs = 0;
    for (const [index, document] of left.entries()) {
      const outcome = outcomes[`d${index}`];
      if (outcome?.__typename === 'Rejected') refused.push({ id: document.id, message: outcome.message });
      else if (outcome?.__typename === 'Busy') {
        if (attempt >= 20) throw new CommandFailure(exitCodes.busy, outcome.message);
        again.push(document);
        retryAfterMs = Math.max(retryAfterMs, outcome.retryAfterMs);
      }
    }
    left = again;
    if (left.length > 0) await delay(Math.max(100, retryAfterMs), undefined, { signal });
  }
  return refused;
}

const inputOf = ({ id, title, text }: CorpusDocument): object => ({
  text: [title, text].filter((part) => part.trim() !== '').join('\n\n'),
  source: id,
  attributes: title.trim() === '' ? {} : { title: title.slice(0, 1000) },
});

function mutationFor(size: number): string {
  const indices = Array.from({ length: size }, (_, index) => index);
  const fields = indices.map(
    (index) =>
      `d${index}: ingestDocument(input: $i${index}) { __typename ... on Rejected { message } ... on Busy { message retryAfterMs } }`,
  );
  return `mutation IngestBatch(${indices.map((index) => `$i${index}: IngestDocumentInput!`).join(', ')}) { ${fields.join(' ')} }`;
}

function batches(documents: readonly CorpusDocument[]): CorpusDocument[][] {
  const all: CorpusDocument[][] = [];
  let batch: CorpusDocument[] = [];
  let bytes = 0;
  for (const document of documents) {
    const size = Buffer.byteLength(document.text) + Buffer.byteLength(document.title);
    if (batch.length > 0 && (batch.length >= documentsPerRequest || bytes + size > bytesPerRequest)) {
      all.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(document);
    bytes += size;
  }
  return batch.length === 0 ? all : [...all, batch];
}
