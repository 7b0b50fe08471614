import type { LibraryDocument } from './library.ts';
import type { Seeded } from './seeded.ts';

export interface AnswerFigures {
  readonly answers: number;
  /** Ended with `AnswerCompleted`, and quoted the document. */
  readonly completed: number;
  /** Ended with `AnswerCompleted`, and said in coverage that not everything was searched. */
  readonly said: number;
  /** Ended with `AnswerFailed`, or were refused with an error. */
  readonly failed: number;
  /** Said that everything was searched, and did not quote what is there. */
  readonly untrue: number;
  /** The stream ended without an end of the answer; a client comes back to it with its cursor. */
  readonly brokenOff: number;
}

const answer = /* GraphQL */ `
  subscription ($input: AskInput) {
    answer(input: $input) {
      __typename
      ... on TokenDelta { text }
      ... on AnswerCompleted { answer { text coverage { complete } } }
      ... on AnswerFailed { code }
    }
  }
`;

/** Asks one question after another until it is stopped. */
export function startAnswerLoad(options: {
  readonly url: string;
  readonly documents: readonly LibraryDocument[];
  readonly random: Seeded;
}): { take(): AnswerFigures; stop(): Promise<void> } {
  const { url, documents, random } = options;
  let stopped = false;
  let figures = { answers: 0, completed: 0, said: 0, failed: 0, untrue: 0, brokenOff: 0 };

  async function askOnce(): Promise<keyof typeof figures> {
    const { source, mark } = random.pick(documents);
    const input = {
      question: `What is the mark of ${source}?`,
      style: 'EXTRACTIVE',
      filter: { sources: [source] },
    };
    const events = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: answer, variables: { input } }),
      signal: AbortSignal.timeout(90_000),
    }).then(
      (response) => response.text(),
      () => '',
    );
    if (events.includes('"AnswerFailed"') || events.includes('"errors"')) return 'failed';
    if (!events.includes('"AnswerCompleted"')) return 'brokenOff';
    if (/"complete":\s*false/.test(events)) return 'said';
    return events.includes(mark) ? 'completed' : 'untrue';
  }

  const running = (async () => {
    while (!stopped) {
      const outcome = await askOnce();
      figures.answers++;
      figures[outcome]++;
    }
  })();
  return {
    take() {
      const taken = figures;
      figures = { answers: 0, completed: 0, said: 0, failed: 0, untrue: 0, brokenOff: 0 };
      return taken;
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}
