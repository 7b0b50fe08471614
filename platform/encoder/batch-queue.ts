import { busy } from '../errors.ts';

export interface BatchQueueOptions {
  /** The most texts of one batch. */
  readonly batchSize: number;
  /** The most tokens of one batch, padding counted; a longer text is a batch by itself. */
  readonly batchTokens: number;
  /** The most texts that may wait, of either purpose. */
  readonly queueSize: number;
  /** The token ids of a text; asked for only shortly before they are needed. */
  tokenize(text: string): Int32Array;
  /** Encodes one batch; called again only when it has settled. */
  run(texts: readonly Int32Array[]): Promise<Float32Array[]>;
}

/** Joins the texts of many callers into batches. */
export interface BatchQueue {
  /**
   * @returns one vector per text, in the order given.
   * @throws TributaryError `BUSY` when the queue is full; the signal's reason; whatever `run` threw.
   */
  add(texts: readonly string[], purpose: 'query' | 'passage', signal?: AbortSignal): Promise<Float32Array[]>;
  /** Refuses what waits and what comes, with this error; resolves when the batch under way has ended. */
  close(error: Error): Promise<void>;
}

/** What one caller asked for. */
interface Call {
  readonly vectors: Float32Array[];
  missing: number;
  settled: boolean;
  resolve(vectors: Float32Array[]): void;
  reject(error: unknown): void;
}

interface Item {
  readonly call: Call;
  readonly position: number;
  readonly text: string;
}

/** A text whose turn is near. */
interface Tokenized extends Item {
  readonly tokens: Int32Array;
}

/** Batches are made from this many full batches' worth of texts at once: enough for lengths to match. */
const windowBatches = 2;

/**
 * Queries go before passages, so that a search waits for one batch at most, whatever is being ingested.
 * Passages go in order of arrival, a window of them at a time; within a window they are sorted by length, so
 * that little is padded.
 */
export function createBatchQueue(options: BatchQueueOptions): BatchQueue {
  const { batchSize, batchTokens, queueSize } = options;
  let queries: Item[] = [];
  let passages: Item[] = [];
  /** Batches that have yet to run. */
  let plannedQueries: Tokenized[][] = [];
  let planned: Tokenized[][] = [];
  let working: Promise<void> | null = null;
  let closed: Error | null = null;
  let msPerText = 10;

  const batches = (items: readonly Item[]): Tokenized[][] => {
    const sorted = items
      .map((item) => ({ ...item, tokens: options.tokenize(item.text) }))
      .sort((a, b) => a.tokens.length - b.tokens.length);
    const made: Tokenized[][] = [];
    let current: Tokenized[] = [];
    for (const item of sorted) {
      const full = current.length >= batchSize || (current.length + 1) * item.tokens.length > batchTokens;
      if (full && current.length > 0) {
        made.push(current);
        current = [];
      }
      current.push(item);
    }
    if (current.length > 0) made.push(current);
    return made;
  };

  const take = (): Tokenized[] | undefined => {
    if (plannedQueries.length === 0) plannedQueries = batches(queries.splice(0, batchSize));
    const urgent = plannedQueries.shift();
    if (urgent !== undefined) return urgent;
    if (planned.length === 0) planned = batches(passages.splice(0, windowBatches * batchSize));
    return planned.shift();
  };
  const countOf = (purpose: 'query' | 'passage') =>
    purpose === 'query'
      ? queries.length + plannedQueries.flat().length
      : passages.length + planned.flat().length;

  const settle = (call: Call, settleCall: () => void) => {
    if (call.settled) return;
    call.settled = true;
    settleCall();
  };

  const drop = (unwanted: (item: Item) => boolean) => {
    queries = queries.filter((item) => !unwanted(item));
    passages = passages.filter((item) => !unwanted(item));
    const thinned = (batches: readonly Tokenized[][]) =>
      batches.map((batch) => batch.filter((item) => !unwanted(item))).filter((batch) => batch.length > 0);
    plannedQueries = thinned(plannedQueries);
    planned = thinned(planned);
  };

  const work = async () => {
    // Callers of the same moment share the first batch.
    await Promise.resolve();
    for (let batch = take(); batch !== undefined; batch = take()) {
      const startedMs = performance.now();
      try {
        const vectors = await options.run(batch.map(({ tokens }) => tokens));
        msPerText += 0.1 * ((performance.now() - startedMs) / batch.length - msPerText);
        for (const [index, { call, position }] of batch.entries()) {
          const vector = vectors[index];
          if (vector === undefined) throw new Error('The encoder returned fewer vectors than texts.');
          call.vectors[position] = vector;
          call.missing--;
          if (call.missing === 0) settle(call, () => call.resolve(call.vectors));
        }
      } catch (error) {
        const failed = new Set(batch.map(({ call }) => call));
        drop(({ call }) => failed.has(call));
        for (const call of failed) settle(call, () => call.reject(error));
      }
    }
    working = null;
  };

  return {
    async add(texts, purpose, signal) {
      signal?.throwIfAborted();
      if (closed !== null) throw closed;
      if (texts.length === 0) return [];
      const waiting = countOf(purpose);
      // One call larger than the whole queue is let in when nobody waits: refusing it would be for ever.
      if (waiting > 0 && waiting + texts.length > queueSize) {
        const retryAfterMs = Math.ceil(Math.min(60_000, Math.max(100, waiting * msPerText)));
        throw busy(
          'ENCODER_BUSY',
          'Too many texts are waiting to be encoded. Please try again shortly.',
          retryAfterMs,
        );
      }
      return new Promise<Float32Array[]>((resolve, reject) => {
        const onAbort = () => {
          drop((item) => item.call === call);
          settle(call, () => call.reject(signal?.reason));
        };
        const call: Call = {
          vectors: new Array<Float32Array>(texts.length),
          missing: texts.length,
          settled: false,
          resolve: (vectors) => {
            signal?.removeEventListener('abort', onAbort);
            resolve(vectors);
          },
          reject: (error) => {
            signal?.removeEventListener('abort', onAbort);
            reject(error);
          },
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        const queue = purpose === 'query' ? queries : passages;
        for (const [position, text] of texts.entries()) queue.push({ call, position, text });
        working ??= work();
      });
    },
    async close(error) {
      closed ??= error;
      const calls = new Set(
        [...queries, ...passages, ...plannedQueries.flat(), ...planned.flat()].map(({ call }) => call),
      );
      drop(() => true);
      for (const call of calls) settle(call, () => call.reject(error));
      await working;
    },
  };
}
