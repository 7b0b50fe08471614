import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collect } from '../../platform/testing/collect.ts';
import { eventually } from '../../platform/testing/eventually.ts';
import type { TestDatabase } from '../../platform/testing/test-database.ts';
import { scriptedLanguageModel } from './testing/scripted-language-model.ts';
import { passagesOf, scriptedRetriever } from './testing/scripted-retriever.ts';
import { freshDatabase, type SeenEvent, startGeneration } from './testing/start-generation.ts';

const passages = passagesOf([
  { text: 'The seal of pump P-101 must be serviced every 2,000 hours. Grease it with lithium soap.' },
]);
const retriever = scriptedRetriever(passages);
const written =
  'The seal of pump P-101 must be serviced every 2,000 hours. Grease it with lithium soap. Mind the moon, it is large tonight.';
const question = 'How often must the seal of pump P-101 be serviced?';

const textOf = (events: readonly SeenEvent[]) => events.map((event) => event.text ?? '').join('');
const bytesOf = (events: readonly SeenEvent[]) => events.map((event) => JSON.stringify(event));

/** Takes events until one fits; the subscription is left open behind it. */
async function takeUntil(stream: AsyncGenerator<SeenEvent>, fits: (event: SeenEvent) => boolean) {
  const taken: SeenEvent[] = [];
  for (;;) {
    const { done, value } = await stream.next();
    if (done) return taken;
    taken.push(value);
    if (fits(value)) return taken;
  }
}

describe('going on with an answer', () => {
  it('gives the same rest behind every cursor, to every reader, byte for byte', async () => {
    const database = await freshDatabase();
    const languageModel = scriptedLanguageModel(written);
    const generation = await startGeneration(database, { retriever, languageModel });
    const live = await collect(generation.events({ input: { question } }));
    const id = live[0]!.answerId;
    expect(textOf(live)).toBe(written);
    expect(live.map((event) => event.sequence)).toEqual(live.map((_, index) => index + 1));
    const other = await startGeneration(database);
    for (const [index, event] of live.entries()) {
      const rest = await collect(other.events({ id, after: event.cursor }));
      expect(bytesOf(rest)).toEqual(bytesOf(live.slice(index + 1)));
    }
    expect(bytesOf(await collect(other.events({ id })))).toEqual(bytesOf(live));
    expect(languageModel.calls).toHaveLength(1);
  });

  it('puts each citation behind its sentence and tells what was made up', async () => {
    const database = await freshDatabase();
    const generation = await startGeneration(database, {
      retriever,
      languageModel: scriptedLanguageModel(written),
    });
    const events = await collect(generation.events({ input: { question } }));
    const { answer } = events.at(-1) as unknown as {
      answer: { text: string; citations: { support: string; answerRange: { start: number; end: number } }[] };
    };
    expect(
      answer.citations.map(({ support, answerRange: { start, end } }) => [
        support,
        answer.text.slice(start, end),
      ]),
    ).toEqual([
      ['VERIFIED', 'The seal of pump P-101 must be serviced every 2,000 hours.'],
      ['VERIFIED', 'Grease it with lithium soap.'],
      ['UNSUPPORTED', 'Mind the moon, it is large tonight.'],
    ]);
    const cited = events.findIndex((event) => event.__typename === 'CitationAdded');
    expect(
      textOf(events.slice(0, cited)).startsWith('The seal of pump P-101 must be serviced every 2,000 hours.'),
    ).toBe(true);
  });

  it('is finished by another process when the one that made it dies, nothing lost and nothing doubled', async () => {
    const database = await freshDatabase();
    const dying = scriptedLanguageModel(written, { allowed: 9 });
    const first = await startGeneration(database, { retriever, languageModel: dying });
    const { id } = await first.ask({ question });
    const reader = await startGeneration(database);
    const stream = reader.events({ id });
    const seen = await takeUntil(stream, (event) => event.text === 'every ');
    await takeLease(database, id);
    const healthy = scriptedLanguageModel(written);
    await startGeneration(database, { retriever, languageModel: healthy });
    seen.push(...(await collect(stream)));
    expect(healthy.calls[0]).toMatchObject({ prefix: 'The seal of pump P-101 must be serviced every ' });
    expect(textOf(seen)).toBe(written);
    expect(seen.map((event) => event.sequence)).toEqual(seen.map((_, index) => index + 1));
    // The one that was thought dead comes back to life and can write nothing any more.
    dying.allow(100);
    await eventually(() => dying.calls[0]!.signal.aborted);
    expect(bytesOf(await collect(reader.events({ id })))).toEqual(bytesOf(seen));
    expect(await reader.answer(id)).toMatchObject({ state: 'COMPLETED', text: written });
  });

  it('is handed over at once when its process is shut down', async () => {
    const database = await freshDatabase();
    const first = await startGeneration(database, {
      retriever,
      languageModel: scriptedLanguageModel(written, { allowed: 9 }),
    });
    // Its lease would hold for a minute.
    await startGeneration(database, { retriever, languageModel: scriptedLanguageModel(written) });
    const reader = await startGeneration(database);
    const { id } = await first.ask({ question });
    const stream = reader.events({ id });
    const seen = await takeUntil(stream, (event) => event.text === 'every ');
    await first.subgraph[Symbol.asyncDispose]();
    seen.push(...(await collect(stream)));
    expect(textOf(seen)).toBe(written);
    expect(seen.at(-1)).toMatchObject({ answer: { state: 'COMPLETED' } });
  });

  it('is taken over at once by a process that was busy looking after others when it was handed over', async () => {
    const database = await freshDatabase();
    const first = await startGeneration(database, {
      retriever,
      languageModel: scriptedLanguageModel(written, { allowed: 9 }),
    });
    const { id } = await first.ask({ question });
    await eventually(async () => (await first.answer(id)).text !== '');
    // The second one looks around for the first time, and is held up behind having looked for free answers.
    const holder = new pg.Client(database.connection);
    await holder.connect();
    onTestFinished(() => holder.end());
    await holder.query('begin; lock table answer_stream_purges in access exclusive mode');
    await startGeneration(database, { retriever, languageModel: scriptedLanguageModel(written) });
    await eventually(async () => {
      const waiting = await holder.query(
        `select from pg_locks where relation = 'answer_stream_purges'::regclass and not granted`,
      );
      return waiting.rowCount === 1;
    });
    await first.subgraph[Symbol.asyncDispose]();
    await holder.query('commit');
    // Its next look would come in twenty seconds.
    await eventually(async () => (await first.answer(id)).state === 'COMPLETED');
  });

  it('keeps no process from going where the database does not answer', async () => {
    const database = await freshDatabase();
    const first = await startGeneration(database, {
      retriever,
      languageModel: scriptedLanguageModel(written, { allowed: 9 }),
      leaseSeconds: 5,
    });
    const { id } = await first.ask({ question });
    await eventually(async () => (await first.answer(id)).text !== '');
    const holder = new pg.Client(database.connection);
    await holder.connect();
    onTestFinished(() => holder.end());
    await holder.query('begin; lock table answers in access exclusive mode');
    await first.subgraph[Symbol.asyncDispose]();
    await holder.query('commit');
    // Nobody was told; the lease runs out.
    const second = await startGeneration(database, {
      retriever,
      languageModel: scriptedLanguageModel(written),
      leaseSeconds: 1,
    });
    await eventually(async () => (await second.answer(id)).state === 'COMPLETED');
    expect(await second.answer(id)).toMatchObject({ text: written });
  });

  it('goes on with quotations where they broke off', async () => {
    const database = await freshDatabase();
    const first = await startGeneration(database, { retriever });
    const whole = await collect(first.events({ input: { question } }));
    const cited = whole.findIndex((event) => event.__typename === 'CitationAdded') + 1;
    // A process that can write nothing behind its first quotation, and dies.
    const client = new pg.Client(database.connection);
    await client.connect();
    onTestFinished(() => client.end());
    await client.query(`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'the disk is broken'; end $$;
      create trigger refuse before insert on answer_events for each row when (new.sequence >= ${cited})
        execute function refuse()`);
    const { id } = await first.ask({ question });
    await eventually(async () => (await first.answer(id)).text !== '');
    await first.subgraph[Symbol.asyncDispose]();
    await client.query('drop trigger refuse on answer_events');
    await takeLease(database, id);
    const second = await startGeneration(database, { retriever: scriptedRetriever([]) });
    const again = await collect(second.events({ id }));
    const withoutNames = (events: readonly SeenEvent[]) =>
      events.slice(0, -1).map(({ cursor: _, answerId: __, ...event }) => event);
    expect(withoutNames(again)).toEqual(withoutNames(whole));
    expect(again.at(-1)).toMatchObject({ __typename: 'AnswerCompleted', answer: { state: 'COMPLETED' } });
  });

  it('serves a hundred readers at once, slow ones too', async () => {
    const database = await freshDatabase();
    const languageModel = scriptedLanguageModel('word '.repeat(300), { allowed: 5 });
    const generation = await startGeneration(database, { retriever, languageModel });
    const { id } = await generation.ask({ question });
    const slow = generation.events({ id });
    const slowStart = await takeUntil(slow, (event) => event.__typename === 'TokenDelta');
    const readers = Array.from({ length: 100 }, () => collect(generation.events({ id })));
    languageModel.allow(Number.POSITIVE_INFINITY);
    const all = await Promise.all(readers);
    const bytes = bytesOf(all[0]!);
    expect(bytes.length).toBeGreaterThan(300);
    for (const events of all) expect(bytesOf(events)).toEqual(bytes);
    expect(bytesOf([...slowStart, ...(await collect(slow))])).toEqual(bytes);
  });

  it('refuses cursors that are none of the answer’s', async () => {
    const database = await freshDatabase();
    const generation = await startGeneration(database, { retriever });
    const [one] = await collect(generation.events({ input: { question } }));
    const [other] = await collect(generation.events({ input: { question } }));
    for (const after of ['nonsense', other!.cursor]) {
      await expect(collect(generation.events({ id: one!.answerId, after }))).rejects.toMatchObject({
        code: 'REJECTED_INPUT',
        reason: 'INVALID_CURSOR',
      });
    }
    await expect(collect(generation.events({}))).rejects.toMatchObject({ reason: 'INPUT_OR_ID' });
    const stranger = { tenant: 'other', subject: 'eve', scopes: ['answers:read' as const] };
    await expect(collect(generation.events({ id: one!.answerId }, stranger))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

/** Makes it look as if the process that makes an answer had died a while ago. */
async function takeLease(database: TestDatabase, id: string) {
  await database.forWorker((client) =>
    client.query(`update answers set lease_until = now() - interval '1 second' where id = $1`, [id]),
  );
}
