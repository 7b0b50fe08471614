import { describe, expect, it } from 'vitest';
import { type BatchQueue, createBatchQueue } from './batch-queue.ts';

/** A queue whose batches end when the test says so. */
function controlled(
  options: {
    batchSize?: number;
    batchTokens?: number;
    queueSize?: number;
    waitMs?: number;
    concurrency?: number;
  } = {},
) {
  const batches: { lengths: number[]; finish: () => void; fail: (error: Error) => void }[] = [];
  let noticed = () => {};
  const queue: BatchQueue<string> = createBatchQueue({
    batchSize: options.batchSize ?? 4,
    batchTokens: options.batchTokens ?? 1000,
    queueSize: options.queueSize ?? 100,
    waitMs: options.waitMs ?? 0,
    concurrency: options.concurrency ?? 1,
    // As many tokens as characters.
    tokenize: (text: string) => new Int32Array(text.length),
    run: (texts) =>
      new Promise((resolve, reject) => {
        batches.push({
          lengths: texts.map(({ length }) => length),
          finish: () => resolve(texts.map(({ length }) => Float32Array.of(length))),
          fail: reject,
        });
        noticed();
      }),
  });
  /** The batch of this number, as soon as it has begun. */
  const batch = async (index: number) => {
    while (batches[index] === undefined) {
      await new Promise<void>((done) => {
        noticed = done;
      });
    }
    return batches[index];
  };
  return { queue, batch, batches };
}

const text = (length: number) => 'x'.repeat(length);

describe('batches', () => {
  it('hold texts of like lengths, at most so many and so many tokens', async () => {
    const { queue, batch, batches } = controlled({ batchSize: 3, batchTokens: 60 });
    const result = queue.add([50, 1, 30, 2, 29, 3, 70].map(text), 'passage');
    for (let index = 0; index < 4; index++) (await batch(index)).finish();
    expect((await result).map(([length]) => length)).toEqual([50, 1, 30, 2, 29, 3, 70]);
    expect(batches.map(({ lengths }) => lengths)).toEqual([[1, 2, 3], [29, 30], [50], [70]]);
  });

  it('join the texts of callers of the same moment', async () => {
    const { queue, batch } = controlled();
    const calls = [queue.add([text(1)], 'query'), queue.add([text(2)], 'query')];
    const first = await batch(0);
    expect(first.lengths).toEqual([1, 2]);
    first.finish();
    expect(await Promise.all(calls)).toEqual([[Float32Array.of(1)], [Float32Array.of(2)]]);
  });

  it('let queries go before passages that came earlier', async () => {
    const { queue, batch } = controlled({ batchSize: 1 });
    const ingest = queue.add([10, 11, 12].map(text), 'passage');
    const first = await batch(0);
    const search = queue.add([text(5)], 'query');
    first.finish();
    const second = await batch(1);
    expect(second.lengths).toEqual([5]);
    second.finish();
    await search;
    (await batch(2)).finish();
    (await batch(3)).finish();
    await ingest;
  });
});

describe('a batch that is not full', () => {
  // So long that a test that really waited for it would never end.
  const waitMs = 3_600_000;

  it('waits for others, and begins as soon as it is full', async () => {
    const { queue, batch, batches } = controlled({ batchSize: 2, waitMs });
    const first = queue.add([text(1)], 'passage');
    await new Promise(setImmediate);
    expect(batches).toHaveLength(0);
    const second = queue.add([text(2)], 'passage');
    const both = await batch(0);
    expect(both.lengths).toEqual([1, 2]);
    both.finish();
    expect(await Promise.all([first, second])).toEqual([[Float32Array.of(1)], [Float32Array.of(2)]]);
  });

  it('does not wait once a query has come', async () => {
    const { queue, batch } = controlled({ batchSize: 4, waitMs });
    const passage = queue.add([text(1)], 'passage');
    await new Promise(setImmediate);
    const query = queue.add([text(5)], 'query');
    (await batch(0)).finish();
    expect(await query).toEqual([Float32Array.of(5)]);
    (await batch(1)).finish();
    expect(await passage).toEqual([Float32Array.of(1)]);
  });

  it('waits no longer than it may', async () => {
    const { queue, batch } = controlled({ batchSize: 4, waitMs: 1 });
    const passage = queue.add([text(1)], 'passage');
    (await batch(0)).finish();
    expect(await passage).toEqual([Float32Array.of(1)]);
  });

  it('is refused when the queue is closed meanwhile', async () => {
    const { queue } = controlled({ batchSize: 4, waitMs });
    const passage = queue.add([text(1)], 'passage');
    await new Promise(setImmediate);
    const closing = queue.close(new Error('closed'));
    await expect(passage).rejects.toThrow('closed');
    await closing;
  });
});

describe('several batches at once', () => {
  it('are under way, and no more than were asked for', async () => {
    const { queue, batch, batches } = controlled({ batchSize: 1, concurrency: 2 });
    const all = queue.add([1, 2, 3].map(text), 'passage');
    const [, second] = [await batch(0), await batch(1)];
    expect(batches).toHaveLength(2);
    second.finish();
    (await batch(2)).finish();
    batches[0]?.finish();
    expect(await all).toEqual([1, 2, 3].map((length) => Float32Array.of(length)));
    const later = queue.add([text(4)], 'passage');
    (await batch(3)).finish();
    expect(await later).toEqual([Float32Array.of(4)]);
  });
});

describe('a full queue', () => {
  it('refuses passages as busy, says when to try again, and still takes queries', async () => {
    const { queue, batch } = controlled({ batchSize: 1, queueSize: 4 });
    const taken = queue.add([1, 2, 3, 4, 5].map(text), 'passage');
    const running = await batch(0);
    await expect(queue.add([text(9)], 'passage')).rejects.toMatchObject({
      code: 'BUSY',
      reason: 'ENCODER_BUSY',
      retryAfterMs: expect.any(Number),
    });
    const query = queue.add([text(7)], 'query');
    running.finish();
    (await batch(1)).finish();
    await query;
    for (let index = 2; index < 6; index++) (await batch(index)).finish();
    expect(await taken).toHaveLength(5);
  });
});

describe('a caller that has gone', () => {
  it('is told so at once, and its texts are not encoded', async () => {
    const { queue, batch, batches } = controlled({ batchSize: 1 });
    const abort = new AbortController();
    const gone = queue.add([10, 11].map(text), 'passage', abort.signal);
    const stays = queue.add([text(20)], 'passage');
    const first = await batch(0);
    abort.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    first.finish();
    (await batch(1)).finish();
    expect(await stays).toEqual([Float32Array.of(20)]);
    expect(batches.map(({ lengths }) => lengths)).toEqual([[10], [20]]);
    await expect(queue.add([text(1)], 'query', abort.signal)).rejects.toThrow('gone');
  });
});

describe('a batch that fails', () => {
  it('fails its callers and nobody else', async () => {
    const { queue, batch } = controlled({ batchSize: 1 });
    const unlucky = queue.add([10, 11].map(text), 'passage');
    const lucky = queue.add([text(12)], 'passage');
    (await batch(0)).fail(new Error('broken'));
    await expect(unlucky).rejects.toThrow('broken');
    (await batch(1)).finish();
    expect(await lucky).toEqual([Float32Array.of(12)]);
  });
});

describe('closing', () => {
  it('lets the batch under way end and refuses the rest', async () => {
    const { queue, batch } = controlled({ batchSize: 1 });
    const [first, second] = [queue.add([text(1)], 'passage'), queue.add([text(2)], 'passage')];
    const running = await batch(0);
    const closing = queue.close(new Error('closed'));
    await expect(second).rejects.toThrow('closed');
    running.finish();
    await closing;
    expect(await first).toEqual([Float32Array.of(1)]);
    await expect(queue.add([text(3)], 'query')).rejects.toThrow('closed');
  });
});
