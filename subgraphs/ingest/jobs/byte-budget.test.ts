import { describe, expect, it } from 'vitest';
import { ByteBudget } from './byte-budget.ts';

const { signal } = new AbortController();

/** Takes room, and tells when it was given. */
function take(budget: ByteBudget, name: string, byteSize: number, given: string[], stop = signal) {
  return budget.take(byteSize, stop).then((held) => {
    given.push(name);
    return held;
  });
}

/** Whatever can go on has gone on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a budget of bytes', () => {
  it('is never exceeded, and given to the first who waits', async () => {
    const budget = new ByteBudget(100);
    const given: string[] = [];
    const first = take(budget, 'first', 60, given);
    const second = take(budget, 'second', 60, given);
    const third = take(budget, 'third', 10, given);
    await settle();
    expect(given).toEqual(['first']);
    (await first)[Symbol.dispose]();
    await Promise.all([second, third]);
    expect(given).toEqual(['first', 'second', 'third']);
  });

  it('holds alone what is larger than all of it', async () => {
    const budget = new ByteBudget(100);
    const given: string[] = [];
    const huge = await take(budget, 'huge', 5000, given);
    const small = take(budget, 'small', 1, given);
    await settle();
    expect(given).toEqual(['huge']);
    huge[Symbol.dispose]();
    await small;
  });

  it('forgets who waits no more, and lets those behind go on', async () => {
    const budget = new ByteBudget(100);
    const given: string[] = [];
    const stop = new AbortController();
    await take(budget, 'first', 60, given);
    const second = take(budget, 'second', 60, given, stop.signal);
    const third = take(budget, 'third', 40, given);
    stop.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    await third;
    expect(given).toEqual(['first', 'third']);
  });
});
