import { busy } from '../errors.ts';

export interface BatchQueueOptions<Input, Item extends Sized> {
  /** The most inputs of one batch. */
  readonly batchSize: number;
  /** The most tokens of one batch, padding counted; a longer text is a batch by itself. No limit by default. */
  readonly batchTokens?: number;
  /** The most inputs that may wait, of either purpose. */
  readonly queueSize: number;
  /**
   * How long a batch of passages that is not full waits for others where nothing is under way, in milliseconds; 0 by
   * default. What comes while a batch runs is joined anyway.
   */
  readonly waitMs?: number;
  /** How many batches may run at once; 1 by default. */
  readonly concurrency?: number;
  /** What waits, for people: `texts` by default. */
  readonly noun?: string;
  /** What is really encoded: a text's token ids. Asked for only shortly before it is needed. */
  tokenize(input: Input): Item;
  /** Encodes one batch; called again only when fewer than `concurrency` have yet to settle. */
  run(items: readonly Item[]): Promise<Float32Array[]>;
}

/** Things of like lengths are encoded together; where length says nothing, it is 1. */
export interface Sized {
  readonly length: number;
}

/** Joins what many callers want to have encoded into batches. */
export interface BatchQueue<Input> {
  /**
   * @returns one vector per input, in the order given.
   * @throws TributaryError `BUSY` when the queue is full; the signal's reason; whatever `run` threw.
   */
  add(inputs: readonly Input[], purpose: 'query' | 'passage', signal?: AbortSignal): Promise<Float32Array[]>;
  /** Refuses what waits and what comes, with this error; resolves when the batches under way have ended. */
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

interface Waiting<Input> {
  readonly call: Call;
  readonly position: number;
  readonly input: Input;
}

/** An input whose turn is near. */
interface Tokenized<Input, Item> extends Waiting<Input> {
  readonly item: Item;
}

/** Batches are made from this many full batches' worth at once: enough for lengths to match. */
const windowBatches = 2;

/**
 * Queries go before passages, so that a search waits for one batch at most, whatever is being ingested.
 * Passages go in order of arrival, a window of them at a time; within a window they are sorted by length, so
 * that little is padded.
 */
export function createBatchQueue<Input, Item extends Sized>(
  options: BatchQueueOptions<Input, Item>,
): BatchQueue<Input> {
  const {
    batchSize,
    batchTokens = Number.POSITIVE_INFINITY,
    queueSize,
    waitMs = 0,
    concurrency = 1,
  } = options;
  type Batch = Tokenized<Input, Item>[];
  let queries: Waiting<Input>[] = [];
  let passages: Waiting<Input>[] = [];
  /** Batches that have yet to run. */
  let plannedQueries: Batch[] = [];
  let planned: Batch[] = [];
  const workers = new Set<Promise<void>>();
  let working = 0;
  let closed: Error | null = null;
  let msPerInput = 10;
  /** The wait for a fuller batch, where there is one. */
  let gathering: Promise<void> | null = null;
  let stopGathering = () => {};

  const batches = (waiting: readonly Waiting<Input>[]): Batch[] => {
    const sorted = waiting
      .map((each) => ({ ...each, item: options.tokenize(each.input) }))
      .sort((a, b) => a.item.length - b.item.length);
    const made: Batch[] = [];
    let current: Batch = [];
    for (const each of sorted) {
      const full = current.length >= batchSize || (current.length + 1) * each.item.length > batchTokens;
      if (full && current.length > 0) {
        made.push(current);
        current = [];
      }
      current.push(each);
    }
    if (current.length > 0) made.push(current);
    return made;
  };

  const take = (): Batch | undefined => {
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

  const drop = (unwanted: (waiting: Waiting<Input>) => boolean) => {
    queries = queries.filter((each) => !unwanted(each));
    passages = passages.filter((each) => !unwanted(each));
    const thinned = (batches: readonly Batch[]) =>
      batches.map((batch) => batch.filter((each) => !unwanted(each))).filter((batch) => batch.length > 0);
    plannedQueries = thinned(plannedQueries);
    planned = thinned(planned);
  };

  const isWorthRunning = () =>
    closed !== null || countOf('query') > 0 || planned.length > 0 || passages.length >= batchSize;
  /** Waits until there is a full batch, a query, or for as long as passages may be kept waiting. */
  const gather = async () => {
    if (waitMs === 0 || passages.length === 0 || isWorthRunning()) return;
    gathering ??= new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      stopGathering = () => {
        clearTimeout(timer);
        resolve();
      };
    }).finally(() => {
      gathering = null;
    });
    await gathering;
  };

  const work = async () => {
    // Callers of the same moment share the first batch.
    await Promise.resolve();
    await gather();
    for (let batch = take(); batch !== undefined; batch = take()) {
      const startedMs = performance.now();
      try {
        const vectors = await options.run(batch.map(({ item }) => item));
        msPerInput += 0.1 * ((performance.now() - startedMs) / batch.length / concurrency - msPerInput);
        for (const [index, { call, position }] of batch.entries()) {
          const vector = vectors[index];
          if (vector === undefined) throw new Error('The encoder returned fewer vectors than it was given.');
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
    working--;
  };
  const startWorkers = () => {
    while (working < concurrency) {
      working++;
      const worker: Promise<void> = work().finally(() => workers.delete(worker));
      workers.add(worker);
    }
  };

  return {
    async add(inputs, purpose, signal) {
      signal?.throwIfAborted();
      if (closed !== null) throw closed;
      if (inputs.length === 0) return [];
      const waiting = countOf(purpose);
      // One call larger than the whole queue is let in when nobody waits: refusing it would be for ever.
      if (waiting > 0 && waiting + inputs.length > queueSize) {
        const retryAfterMs = Math.ceil(Math.min(60_000, Math.max(100, waiting * msPerInput)));
        throw busy(
          'ENCODER_BUSY',
          `Too many ${options.noun ?? 'texts'} are waiting to be encoded. Please try again shortly.`,
          retryAfterMs,
        );
      }
      return new Promise<Float32Array[]>((resolve, reject) => {
        const onAbort = () => {
          drop((each) => each.call === call);
          settle(call, () => call.reject(signal?.reason));
        };
        const call: Call = {
          vectors: new Array<Float32Array>(inputs.length),
          missing: inputs.length,
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
        for (const [position, input] of inputs.entries()) queue.push({ call, position, input });
        if (isWorthRunning()) stopGathering();
        startWorkers();
      });
    },
    async close(error) {
      closed ??= error;
      const calls = new Set(
        [...queries, ...passages, ...plannedQueries.flat(), ...planned.flat()].map(({ call }) => call),
      );
      drop(() => true);
      for (const call of calls) settle(call, () => call.reject(error));
      stopGathering();
      await Promise.all(workers);
    },
  };
}
