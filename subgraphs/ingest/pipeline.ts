import { createEncoderSet, type LoadedEncoders } from '../../platform/encoder/encoder-set.ts';
import type { Modality } from '../../platform/types.ts';
import { chunk, chunkPiece } from './chunk.ts';
import { createDerivations } from './derivations.ts';
import { encode, type MediaEncoders } from './encode.ts';
import { planWriting, servingOf } from './encoders/plan-writing.ts';
import { lacking } from './extract/lacking.ts';
import { noText } from './extract/no-text.ts';
import type { PdfReader } from './extract/pdf-reader.ts';
import { extract, type MediaReaders } from './extract.ts';
import { inspect } from './inspect.ts';
import type { JobChange, TakenJob } from './jobs/jobs.ts';
import { type Publication, publish, type StoreDependencies, store } from './store.ts';
import { type Progress, tellProgress } from './tell-progress.ts';
import { type Attributes, type Chunk, type Gap, isGap, isSection, type Upload } from './types.ts';

export interface PipelineDependencies extends StoreDependencies, LoadedEncoders, MediaEncoders, MediaReaders {
  readonly pdf: PdfReader;
}

/** What the pipeline works on: a job, its bytes, and what is said of the document. */
export interface Work {
  readonly job: TakenJob;
  readonly upload: Upload;
  /** The title is what stands in for one where neither the uploader nor the content names it. */
  readonly attributes: Attributes;
  /** Whether something of the document is stored already, that what stayed the same can be taken from. */
  readonly hasPassages: boolean;
  readonly titleGiven: boolean;
  readonly authorGiven: boolean;
}

/** So many passages, and so many bytes of pictures and sound, are encoded at once, whatever the size of the document. */
const batchSize = 256;
const batchBytes = 32 * 1024 * 1024;
/** While nothing is being encoded, so many pictures and sounds are not kept waiting for more: they take the longest. */
const readyAtOnce = 8;

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
  const derivations = createDerivations(work.job, database);
  await using extracted = await extract(
    inspected,
    { ...dependencies, derivations, attributes: work.attributes },
    signal,
  );
  const attributes: Attributes = {
    ...work.attributes,
    title: work.titleGiven ? work.attributes.title : tidy(extracted.title) || work.attributes.title,
    author: work.authorGiven ? work.attributes.author : tidy(extracted.author) || null,
  };

  const gaps: Gap[] = [];
  const modalities = new Set<Modality>();
  const families = new Set<Chunk['family']>();
  let batch: Chunk[] = [];
  let bytes = 0;
  /** The pictures and sounds of the batch. */
  let heavy = 0;
  let isIdle = true;
  let cut = 0;
  let stored = 0;
  /** The batch that is being encoded and stored, while the next one is read. */
  let flushing: Promise<void> = Promise.resolve();

  async function write(chunks: readonly Chunk[]): Promise<void> {
    const encoded = await encode(
      chunks,
      work.job,
      attributes.title,
      writing,
      dependencies,
      { ...dependencies, hasPassages: work.hasPassages },
      signal,
    );
    if (stored === 0) progress.tell({ stage: 'STORE' });
    await store(encoded, work.job, attributes, writing.chunkFingerprint, dependencies);
    stored += encoded.length;
    progress.tell({ chunksStored: stored });
  }

  /** Waits for the batch before, and begins with this one. */
  async function flush(): Promise<void> {
    await flushing;
    progress.tell({ stage: stored === 0 ? 'ENCODE' : 'STORE', chunksTotal: cut });
    isIdle = false;
    flushing = write(batch).finally(() => {
      isIdle = true;
    });
    // Where it fails, whoever waits for it next hears of it.
    flushing.catch(() => undefined);
    batch = [];
    bytes = 0;
    heavy = 0;
  }

  try {
    for await (const part of extracted.parts) {
      if (isGap(part)) {
        gaps.push(part);
        continue;
      }
      if (cut === 0) progress.tell({ stage: 'CHUNK' });
      const chunks = isSection(part)
        ? chunk(part, cut, (text) => cutter.tokenSpans(text))
        : chunkPiece(part, cut);
      let first = true;
      for (const passage of chunks) {
        // A passage and the views of it are written together.
        if (!first && passage.viewOf === null && isFull()) await flush();
        first = false;
        batch.push(passage);
        bytes += bytesOf(passage);
        heavy += heavyIn(passage);
        modalities.add(passage.modality);
        families.add(passage.family);
        cut++;
      }
      if (isFull()) await flush();
    }
    if (batch.length > 0) await flush();
  } finally {
    await flushing;
  }
  if (stored === 0) throw noText(gaps);

  return {
    title: attributes.title,
    author: attributes.author,
    mediaType: inspected.mediaType,
    chunks: stored,
    gaps: [...gaps, ...missingEncoders()],
    modalities: [...modalities],
    visualSpace: spaceFor('image', dependencies.visualEncoder),
    soundSpace: spaceFor('audio', dependencies.soundEncoder),
  };

  function spaceFor(
    family: Chunk['family'],
    encoder: { readonly description: { readonly fingerprint: string } } | null | undefined,
  ): string | null {
    return families.has(family) ? (encoder?.description.fingerprint ?? null) : null;
  }

  function isFull(): boolean {
    return batch.length >= batchSize || bytes >= batchBytes || (isIdle && heavy >= readyAtOnce);
  }

  /** The spaces that passages of this document could not be put into. */
  function missingEncoders(): Gap[] {
    const missing: Gap[] = [];
    const { visualEncoder = null, soundEncoder = null } = dependencies;
    if (families.has('image') && visualEncoder === null) {
      missing.push(
        lacking(
          'visual-encoder',
          'Its pictures cannot be searched by what they show: no visual encoder is loaded.',
        ),
      );
    }
    if (families.has('audio') && soundEncoder === null) {
      missing.push(
        lacking('sound-encoder', 'It cannot be searched by how it sounds: no encoder of sound is loaded.'),
      );
    }
    return missing;
  }
}

/** How many bytes of pictures and sound a passage holds. */
const bytesOf = ({ content }: Chunk): number =>
  content.kind === 'pictures'
    ? content.pictures.reduce((sum, { data }) => sum + data.length, 0)
    : content.kind === 'sound'
      ? content.samples.byteLength
      : 0;

/** How many pictures and sounds a passage holds. */
const heavyIn = ({ content }: Chunk): number =>
  content.kind === 'pictures' ? content.pictures.length : content.kind === 'sound' ? 1 : 0;

/** A title or a name as one line of bearable length. */
const tidy = (text: string | null): string =>
  (text ?? '')
    .replace(/[\s\0]+/g, ' ')
    .trim()
    .slice(0, 1000)
    .replace(/\p{Surrogate}/gu, '\ufffd');
