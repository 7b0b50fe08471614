import { setTimeout as delay } from 'node:timers/promises';
import { subscribeRaw } from './raw-subscription.ts';

const query = /* GraphQL */ `
  subscription ($input: AskInput, $id: ID, $after: String) {
    answer(input: $input, id: $id, after: $after) {
      __typename
      cursor
      sequence
      answerId
      ... on AnswerStarted { model style }
      ... on RetrievalProgress { source { modality method status } hits { rank score chunk { id text document { title } } } }
      ... on TokenDelta { text }
      ... on CitationAdded { citation { index quote support answerRange { start end } chunk { id document { title } } } }
      ... on AnswerCompleted {
        answer { id text state reason style model usage { completionTokens } citations { index quote } coverage { complete } }
      }
      ... on AnswerFailed { code message }
    }
  }
`;

export interface ReadEvent {
  readonly __typename: string;
  readonly cursor: string;
  readonly sequence: number;
  readonly answerId: string;
  readonly text?: string;
  readonly model?: string;
  readonly code?: string;
  readonly answer?: {
    readonly text: string;
    readonly state: string;
    readonly reason: string | null;
    readonly citations: readonly { readonly quote: string | null }[];
  };
}

/** What a reader has of an answer: each event parsed, and as the characters that came. */
export interface Reading {
  readonly events: ReadEvent[];
  readonly messages: string[];
  /** How often it had to begin a connection. */
  connections: number;
}

/**
 * Reads an answer to its end as a client does that will not give up: where a connection ends before the answer
 * does, it comes back with the cursor of the last event. `onEvent` returns false to hang up for good.
 */
export async function readAnswer(
  urlOf: () => string,
  from: { readonly input: Record<string, unknown> } | { readonly id: string },
  onEvent: (event: ReadEvent) => boolean = () => true,
): Promise<Reading> {
  const reading: Reading = { events: [], messages: [], connections: 0 };
  let hungUp = false;
  for (;;) {
    const last = reading.events.at(-1);
    if (hungUp || last?.__typename === 'AnswerCompleted' || last?.__typename === 'AnswerFailed')
      return reading;
    reading.connections++;
    const variables = last === undefined ? from : { id: last.answerId, after: last.cursor };
    const end = await subscribeRaw(urlOf(), { query, variables }, (message) => {
      const { answer: event } = (JSON.parse(message) as { payload: { data: { answer: ReadEvent } } }).payload
        .data;
      reading.events.push(event);
      reading.messages.push(message);
      hungUp ||= !onEvent(event);
      return !hungUp;
    });
    // Nobody is there for a moment: as a client does, try again a little later.
    if (end.kind !== 'complete') await delay(50);
  }
}

/** The text that a reader has seen. */
export const textOf = ({ events }: Reading): string =>
  events.map((event) => (event.__typename === 'TokenDelta' ? event.text : '')).join('');
