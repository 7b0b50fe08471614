import { setTimeout as delay } from 'node:timers/promises';
import { failureOf } from './failure.ts';

const attempts = 8;

interface Refusal {
  readonly __typename: 'Rejected';
  readonly code: string;
  readonly message: string;
}
interface BusyRefusal {
  readonly __typename: 'Busy';
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs: number;
}

/**
 * Asks again while the server is busy, after as long as it says to wait.
 *
 * @throws CommandFailure where the server refuses, or is busy eight times in a row.
 */
export async function whileBusy<T extends { readonly __typename: string }>(
  signal: AbortSignal,
  ask: () => Promise<T | Refusal | BusyRefusal>,
): Promise<Exclude<T, Refusal | BusyRefusal>> {
  for (let attempt = 1; ; attempt++) {
    const result = await ask();
    if (isBusy(result)) {
      if (attempt >= attempts) throw failureOf('BUSY', result.message);
      await delay(Math.min(30_000, Math.max(100, result.retryAfterMs)), undefined, { signal });
    } else if (isRefusal(result)) throw failureOf(result.code, result.message);
    else return result as Exclude<T, Refusal | BusyRefusal>;
  }
}

const isBusy = (result: { readonly __typename: string }): result is BusyRefusal =>
  result.__typename === 'Busy';
const isRefusal = (result: { readonly __typename: string }): result is Refusal =>
  result.__typename === 'Rejected';
