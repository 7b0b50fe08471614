import { setTimeout as delay } from 'node:timers/promises';
import { ConnectionLost, type TributaryClient } from './client.ts';
import { CommandFailure, exitCodes } from './failure.ts';
import { AnswerOperation, type AnswerSubscription, type AskInput } from './operations.generated.ts';

export type AnswerEvent = AnswerSubscription['answer'];

/** A new answer, or one to go on with behind the event with the cursor `after`. */
export type AnswerRequest =
  | { readonly input: AskInput & { readonly idempotencyKey: string } }
  | { readonly id: string; readonly after: string | null };

export interface FollowOptions {
  readonly signal?: AbortSignal;
  /** Called before each attempt to connect again, with what went wrong. */
  onReconnect?(failure: CommandFailure): void;
  /** How often to try to connect again before giving up; 12 (about 45 seconds) by default. */
  readonly attempts?: number;
  /** The wait before the first of them, in milliseconds; doubled each time, up to 5,000. */
  readonly firstDelayMs?: number;
}

/**
 * Every event of an answer, once and in order, also where the connection breaks in between: then it goes on
 * behind the last event. Ends after the answer's last event.
 *
 * @throws CommandFailure where the server cannot be reached (again), or refuses.
 */
export async function* followAnswer(
  client: TributaryClient,
  request: AnswerRequest,
  { signal, onReconnect, attempts = 12, firstDelayMs = 250 }: FollowOptions = {},
): AsyncGenerator<AnswerEvent, void, undefined> {
  // The idempotency key of a new answer makes asking again safe until its id is known.
  let variables: { input: AskInput } | { id: string; after: string | null } =
    'input' in request ? { input: request.input } : { id: request.id, after: request.after };
  let sequence = 0;
  let failures = 0;
  for (;;) {
    let failure: CommandFailure;
    try {
      for await (const { answer: event } of client.subscribe(AnswerOperation, variables, signal)) {
        failures = 0;
        if (event.sequence <= sequence) continue;
        sequence = event.sequence;
        variables = { id: event.answerId, after: event.cursor };
        yield event;
        if (isLast(event)) return;
      }
      failure = new ConnectionLost('The server ended the stream before the answer had ended.');
    } catch (error) {
      const mayHelp =
        error instanceof ConnectionLost ||
        (error instanceof CommandFailure &&
          error.exitCode === exitCodes.unreachable &&
          failures + sequence > 0);
      if (!mayHelp) throw error;
      failure = error;
    }
    failures++;
    if (failures > attempts) throw failure;
    onReconnect?.(failure);
    await delay(Math.min(5_000, firstDelayMs * 2 ** (failures - 1)), undefined, signal && { signal });
  }
}

/** Whether no event comes after this one. */
export const isLast = ({ __typename }: AnswerEvent): boolean =>
  __typename === 'AnswerCompleted' || __typename === 'AnswerFailed';
