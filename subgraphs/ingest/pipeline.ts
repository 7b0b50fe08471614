import { createEncoderSet, type LoadedEncoders } from '../../platform/encoder/encoder-set.ts';
import { chunk } from './chunk.ts';
import { encode } from './encode.ts';
import { planWriting, servingOf } from './encoders/plan-writing.ts';
import { noText } from './extract/no-text.ts';
import type { PdfReader } from './extract/pdf-reader.ts';
import { extract } from './extract.ts';
import { inspect } from './inspect.ts';
import type { JobChange, TakenJob } from './jobs/jobs.ts';
import { type Publication, publish, type StoreDependencies, store } from './store.ts';
import { type Progress, tellProgress } from './tell-progress.ts';
import { type Attributes, type Chunk, type Gap, isGap, type Upload } from './types.ts';

export interface PipelineDependencies extends StoreDependencies, LoadedEncoders {
  readonly pdf: PdfReader;
}

/** What the pipeline works on: a job, its bytes, and what is said of the document. */
export interface Work {
  readonly job: TakenJob;
  readonly upload: Upload;
  /** The title is what stands in for one where neither the uploader nor the content names it. */
  readonly attributes: Attributes;
  readonly titleGiven: boolean;
  readonly authorGiven: boolean;
}

/** So many passages are held at once, whatever the size of the document. */
const batchSize = 256;

/**
 * The way of a document: receive → inspect → extract → chunk → encode → store. What was received is in `work`;
 * everything behind it is done here, a batch of passages at a time, and can be done again from the start.
 *
 * @param progress is told the stages, and how many passages were cut and stored.
 * @throws TributaryError `REJECTED_INPUT` where the content cannot be made searchable; LeaseLostError.
 */
export async function ingest(
  work: Work,
  progress: (change: JobChange) => Promise<void>,
  dependencies: PipelineDependencies,
  signal: AbortSignal,
): Promise<void> {
  const telling = tellProgress(progress);
  let publication: Publication;
  try {
    publication = await makeFindable(work, telling, dependencies, signal);
  } finally {
    // Nothing is told of a job any more that has ended. Where the work has failed, that is what counts.
    await telling.settle().catch(() => undefined);
  }
  await publish(work.job, publication, dependencies);
}

/** Stores all of a document; what is left to do is to publish it. */
async function makeFindable(
  work: Work,
  progress: Progress,
  dependencies: PipelineDependencies,
  signal: AbortSignal,
): Promise<Publication> {
  const { pdf, database } = dependencies;
  const encoders = createEncoderSet(dependencies);
  const writing = await planWriting(database, encoders);
  const cutter = servingOf(writing, encoders);
  const inspected = await inspect(work.upload, pdf, signal);

  progress.tell({ stage: 'EXTRACT' });
  await using extracted = await extract(inspected, pdf, signal);
  const attributes: Attributes = {
    ...work.attributes,
    title: work.titleGiven ? work.attributes.title : tidy(extracted.title) || work.attributes.title,
    author: work.authorGiven ? work.attributes.author : tidy(extracted.author) || null,
  };

  const gaps: Gap[] = [];
  let batch: Chunk[] = [];
  let cut = 0;
  let stored = 0;

  async function flush(): Promise<void> {
    progress.tell({ stage: stored === 0 ? 'ENCODE' : 'STORE', chunksTotal: cut });
    const encoded = await encode(batch, work.job, attributes.title, writing, signal);
    if (stored === 0) progress.tell({ stage: 'STORE' });
    await store(encoded, work.job, attributes, writing.chunkFingerprint, dependencies);
    stored += encoded.length;
    batch = [];
  }

  for await (const part of extracted.parts) {
    if (isGap(part)) {
      gaps.push(part);
      continue;
    }
    if (cut === 0) progress.tell({ stage: 'CHUNK' });
    for (const passage of chunk(part, cut, (text) => cutter.tokenSpans(text))) {
      batch.push(passage);
      cut++;
      if (batch.length < batchSize) continue;
      await flush();
      progress.tell({ chunksStored: stored });
    }
  }
  if (batch.length > 0) await flush();
  if (stored === 0) throw noText(gaps.length > 0);

  return {
    title: attributes.title,
    author: attributes.author,
    mediaType: inspected.mediaType,
    chunks: stored,
    gaps,
  };
}

/** A title or a name as one line of bearable length. */
const tidy = (text: string | null): string =>
  (text ?? '')
    .replace(/[\s\0]+/g, ' ')
    .trim()
    .slice(0, 1000)
    .replace(/\p{Surrogate}/gu, '\ufffd');
