import { randomUUID } from 'node:crypto';
import type { CommandContext } from '../command.ts';
import { CommandFailure, type ExitCode, exitCodes, failureOf } from '../failure.ts';
import { type AnswerEvent, type AnswerRequest, followAnswer } from '../follow-answer.ts';
import { type AnswerStyle, StopAnswerOperation } from '../operations.generated.ts';
import { plain } from '../plain.ts';
import { AnswerRenderer } from '../render-answer.ts';
import { readSearchFilter } from '../search-filter.ts';

export interface AskOptions {
  readonly passages?: number | undefined;
  readonly style?: AnswerStyle | undefined;
  readonly filter?: string | undefined;
  readonly conversation?: string | undefined;
  /** `ID`, or `ID/CURSOR` to go on behind an event. */
  readonly resume?: string | undefined;
  readonly json?: boolean | undefined;
}

/** After Ctrl-C, the longest wait for the answer's last event. */
const stopTimeoutMs = 5_000;

/** `tributary ask`: streams an answer with its citations. */
export async function ask(
  { client, terminal, signal }: CommandContext,
  question: string | undefined,
  options: AskOptions,
): Promise<ExitCode> {
  const request = readRequest(question, options);
  const renderer = new AnswerRenderer(terminal);
  let last: AnswerEvent | undefined;
  let stopping: Promise<unknown> | undefined;
  let giveUp: NodeJS.Timeout | undefined;

  const patience = new AbortController();
  const events = followAnswer(client, request, {
    signal: patience.signal,
    onReconnect: ({ message }) => {
      renderer.interrupt();
      terminal.note(`${message} Connecting again …`);
    },
  });
  const stop = () => {
    if (last === undefined || stopping !== undefined) return;
    const { answerId } = last;
    stopping = client.execute(StopAnswerOperation, { id: answerId }).catch(() => undefined);
    giveUp = setTimeout(() => patience.abort(), stopTimeoutMs).unref();
  };
  signal.addEventListener('abort', stop);
  try {
    for await (const event of events) {
      last = event;
      if (options.json) terminal.print(JSON.stringify(plain(event)));
      else renderer.render(event);
      if (signal.aborted) stop();
    }
  } catch (error) {
    if (signal.aborted) return exitCodes.interrupted;
    if (last !== undefined) {
      renderer.interrupt();
      terminal.note(`Go on with: tributary ask --resume ${last.answerId}/${last.cursor}`);
    }
    throw error;
  } finally {
    clearTimeout(giveUp);
    signal.removeEventListener('abort', stop);
    await stopping;
  }
  return outcome(last, signal);
}

function outcome(last: AnswerEvent | undefined, signal: AbortSignal): ExitCode {
  if (last?.__typename === 'AnswerFailed') {
    const { exitCode } = failureOf(last.code, last.message);
    throw new CommandFailure(exitCode === exitCodes.usage ? exitCodes.failed : exitCode, last.message);
  }
  if (signal.aborted) return exitCodes.interrupted;
  return last?.__typename === 'AnswerCompleted' && last.answer.state === 'COMPLETED'
    ? exitCodes.ok
    : exitCodes.failed;
}

function readRequest(question: string | undefined, options: AskOptions): AnswerRequest {
  if (options.resume !== undefined) {
    if (question !== undefined) {
      throw new CommandFailure(exitCodes.usage, 'Give a question or --resume, not both.');
    }
    const [id = '', ...cursor] = options.resume.split('/');
    if (id === '') throw new CommandFailure(exitCodes.usage, '--resume takes ID, or ID/CURSOR.');
    return { id, after: cursor.join('/') || null };
  }
  if (question === undefined) {
    throw new CommandFailure(exitCodes.usage, 'Give a question: tributary ask "How often …?"');
  }
  const { passages, style, filter, conversation } = options;
  return {
    input: {
      question,
      idempotencyKey: randomUUID(),
      ...(passages === undefined ? {} : { passages }),
      ...(style === undefined ? {} : { style }),
      ...(filter === undefined ? {} : { filter: readSearchFilter(filter) }),
      ...(conversation === undefined ? {} : { conversationId: conversation }),
    },
  };
}
