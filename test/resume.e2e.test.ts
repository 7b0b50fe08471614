import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chunkOf, serveCompletions } from '../platform/language-models/testing/chat-completions-server.ts';
import { eventually } from '../platform/testing/eventually.ts';
import { temporaryDirectory } from '../platform/testing/temporary-directory.ts';
import { type ReadEvent, type Reading, readAnswer, textOf } from './answer-reader.ts';
import { collect, type System, startOn, startSystem } from './system.ts';

const manual =
  'The mechanical seal of pump P-101 must be inspected every 500 hours. Its bearings are greased every 1,000 hours.';
const question = 'Explain step by step how pump P-101 is maintained.';
/** A model that writes takes seconds, even the smallest; the budget keeps them few. */
const generated = { question, style: 'GENERATED', tokenBudget: 320 };

async function putIn(system: System): Promise<void> {
  const { ingestDocument } = await system.query<{ ingestDocument: { id: string } }>(
    `mutation ($text: String!) { ingestDocument(input: { text: $text, attributes: { title: "Manual" } }) { ... on IngestJob { id } } }`,
    { text: manual },
  );
  const events = await collect(
    system.subscribe<{ ingestProgress: { job: { state: string } } }>(
      'subscription ($id: ID!) { ingestProgress(jobId: $id) { job { state } } }',
      { id: ingestDocument.id },
    ),
  );
  expect(events.at(-1)?.ingestProgress.job.state).toBe('SUCCEEDED');
}

/** Does something once, when so many pieces of text have come. */
function afterPieces(count: number, act: () => void): (event: ReadEvent) => boolean {
  let pieces = 0;
  return ({ __typename }) => {
    if (__typename === 'TokenDelta' && ++pieces === count) act();
    return true;
  };
}

/** Nothing is missing, nothing is there twice, and who reads it from the start later reads the same characters. */
async function expectWhole(reading: Reading, urlOf: () => string): Promise<void> {
  const { events, messages } = reading;
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  expect(events.at(-1)?.answer).toMatchObject({ state: 'COMPLETED', text: textOf(reading) });
  const again = await readAnswer(urlOf, { id: events[0]?.answerId ?? '' });
  expect(again.connections).toBe(1);
  expect(again.messages).toEqual(messages);
}

describe('an answer over the network', { timeout: 180_000 }, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem('deploy/services.mjs', { TRIBUTARY_ANSWER_LEASE_SECONDS: '1' });
    await putIn(system);
  }, 120_000);
  afterAll(() => system?.[Symbol.asyncDispose](), 60_000);

  const killService = (name: string) => {
    const pids = [...system.output().matchAll(new RegExp(`^${name}: process (\\d+) `, 'gm'))];
    process.kill(Number(pids.at(-1)?.[1]), 'SIGKILL');
  };

  it.each(['generation', 'gateway'])(
    'survives the death of the %s process in the middle',
    async (service) => {
      const before = system.output().match(/ended with SIGKILL/g)?.length ?? 0;
      const reading = await readAnswer(
        () => system.url,
        { input: generated },
        afterPieces(4, () => killService(service)),
      );
      expect(system.output().match(/ended with SIGKILL/g)).toHaveLength(before + 1);
      expect(reading.connections).toBeGreaterThan(1);
      expect(reading.events[0]?.model).toContain('smollm2');
      await expectWhole(reading, () => system.url);
    },
  );
});

describe('an answer in one process', { timeout: 180_000 }, () => {
  it('survives the death of that process in the middle', async () => {
    await using data = await temporaryDirectory();
    const settings = { TRIBUTARY_ANSWER_LEASE_SECONDS: '1' };
    let system = await startOn(data.path, 'dist/main.js', settings);
    let restarted: Promise<void> | undefined;
    try {
      await putIn(system);
      const restart = async () => {
        system.process.kill('SIGKILL');
        system = await startOn(data.path, 'dist/main.js', settings);
      };
      const reading = await readAnswer(
        () => system.url,
        { input: generated },
        afterPieces(4, () => {
          restarted = restart();
        }),
      );
      expect(restarted).toBeDefined();
      expect(reading.connections).toBeGreaterThan(1);
      await expectWhole(reading, () => system.url);
    } finally {
      await restarted;
      await system[Symbol.asyncDispose]();
    }
  });
});

describe('an answer that nobody reads any more', { timeout: 60_000 }, () => {
  /** Writes a word whenever a test lets it, and never ends by itself. */
  const words = serveCompletions(async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunkOf('Word '));
    await eventually(() => mayEnd || response.destroyed, { timeoutMs: 60_000 });
    response.end(`${chunkOf('after word.', 'stop')}data: [DONE]\n\n`);
  });
  let mayEnd = false;
  let system: System;
  beforeAll(async () => {
    system = await startSystem('dist/main.js', {
      TRIBUTARY_OPENAI_BASE_URL: (await words).baseUrl,
      TRIBUTARY_OPENAI_MODEL: 'words',
      TRIBUTARY_ANSWER_GRACE_SECONDS: '2',
    });
    await putIn(system);
  }, 60_000);
  afterAll(async () => {
    await system?.[Symbol.asyncDispose]();
    await (await words)[Symbol.asyncDispose]();
  }, 60_000);

  const askAndLeave = async () => {
    const { events } = await readAnswer(
      () => system.url,
      { input: generated },
      ({ __typename }) => __typename !== 'TokenDelta',
    );
    return events[0]?.answerId ?? '';
  };
  const look = async (id: string) =>
    (
      await system.query<{ answer: { state: string; text: string; reason: string | null } }>(
        'query ($id: ID!) { answer(id: $id) { state text reason } }',
        { id },
      )
    ).answer;

  it('goes on when the socket is closed', async () => {
    mayEnd = false;
    const id = await askAndLeave();
    expect(await look(id)).toMatchObject({ state: 'RUNNING' });
    mayEnd = true;
    await eventually(async () => (await look(id)).state === 'COMPLETED');
    expect((await look(id)).text).toContain('after word.');
  });

  it('ends when it is stopped, and so does the model', async () => {
    mayEnd = false;
    const id = await askAndLeave();
    const before = (await words).brokenOff;
    const { stopAnswer } = await system.query<{ stopAnswer: { state: string; text: string } }>(
      'mutation ($id: ID!) { stopAnswer(id: $id) { ... on Answer { state text } } }',
      { id },
    );
    expect(stopAnswer.state).toBe('STOPPED');
    expect('Word '.startsWith(stopAnswer.text)).toBe(true);
    await eventually(async () => (await words).brokenOff === before + 1);
  });

  it('is stopped when nobody has come back to it in time, and says so', async () => {
    mayEnd = false;
    const before = (await words).brokenOff;
    const id = await askAndLeave();
    // To ask for the answer would be to come back to it.
    await eventually(async () => (await words).brokenOff === before + 1, { timeoutMs: 30_000 });
    await eventually(async () => (await look(id)).state === 'STOPPED');
    expect((await look(id)).reason).toContain('Nobody came back');
  });
});
