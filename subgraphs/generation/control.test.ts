import { describe, expect, it } from 'vitest';
import { collect } from '../../platform/testing/collect.ts';
import { eventually } from '../../platform/testing/eventually.ts';
import type { TestDatabase } from '../../platform/testing/test-database.ts';
import { scriptedLanguageModel } from './testing/scripted-language-model.ts';
import { passagesOf, scriptedRetriever } from './testing/scripted-retriever.ts';
import { ann, freshDatabase, startGeneration } from './testing/start-generation.ts';

const passages = passagesOf([
  { text: 'The seal of pump P-101 must be serviced every 2,000 hours.', document: 'pumps' },
  { text: 'Bread is baked on the ground floor.', document: 'bakery' },
]);
const question = 'How often must the seal of pump P-101 be serviced?';
const written = 'The seal of pump P-101 must be serviced every 2,000 hours.';

const query = async <Row extends object>(database: TestDatabase, sql: string, parameters: unknown[] = []) =>
  (await database.forWorker((client) => client.query<Row>(sql, parameters))).rows;

describe('stopping', () => {
  it('stops the model from any process, and keeps the text so far', async () => {
    const database = await freshDatabase();
    const languageModel = scriptedLanguageModel(written, { allowed: 3 });
    const maker = await startGeneration(database, { retriever: scriptedRetriever(passages), languageModel });
    const other = await startGeneration(database);
    const { id } = await maker.ask({ question });
    await eventually(async () => (await other.answer(id)).text === 'The seal of ');
    const stopped = await other.stop(id);
    expect(stopped).toMatchObject({
      __typename: 'Answer',
      state: 'STOPPED',
      text: 'The seal of ',
      reason: 'It was stopped by its caller.',
      usage: { promptTokens: expect.any(Number), completionTokens: 3 },
    });
    expect(languageModel.calls[0]!.signal.aborted).toBe(true);
    const events = await collect(other.events({ id }));
    expect(events.filter((event) => /^Answer(?:Completed|Failed)$/.test(event.__typename))).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ __typename: 'AnswerCompleted', answer: { state: 'STOPPED' } });
  });

  it('changes nothing of an answer that has ended, and knows none of strangers', async () => {
    const database = await freshDatabase();
    const generation = await startGeneration(database, { retriever: scriptedRetriever(passages) });
    const events = await collect(generation.events({ input: { question } }));
    const id = events[0]!.answerId;
    const before = await generation.answer(id);
    expect(await generation.stop(id)).toEqual({ ...before, __typename: 'Answer' });
    expect(await generation.stop('ans_nonsense')).toMatchObject({
      __typename: 'NotFound',
      code: 'NOT_FOUND',
    });
    expect(await generation.stop(id, { ...ann, tenant: 'other' })).toMatchObject({ __typename: 'NotFound' });
    await expect(generation.stop(id, { ...ann, scopes: ['answers:read'] })).rejects.toMatchObject({
      code: 'DENIED',
    });
  });

  it('is not what closing a socket does', async () => {
    const database = await freshDatabase();
    const languageModel = scriptedLanguageModel(written, { allowed: 3 });
    const generation = await startGeneration(database, {
      retriever: scriptedRetriever(passages),
      languageModel,
    });
    let id = '';
    for await (const event of generation.events({ input: { question } })) {
      id = event.answerId;
      if (event.__typename === 'TokenDelta') break;
    }
    languageModel.allow(100);
    await eventually(async () => (await generation.answer(id)).state === 'COMPLETED');
    expect(await generation.answer(id)).toMatchObject({ text: written });
  });

  it('comes to an answer that nobody has come back to in time', async () => {
    const database = await freshDatabase();
    const languageModel = scriptedLanguageModel(written, { allowed: 3 });
    const generation = await startGeneration(database, {
      retriever: scriptedRetriever(passages),
      languageModel,
      graceSeconds: 0.6,
    });
    const { id } = await generation.ask({ question });
    const state = () =>
      query<{ state: string; reason: string }>(database, 'select state, reason from answers');
    await eventually(async () => (await state())[0]!.state === 'STOPPED');
    expect((await state())[0]!.reason).toBe('Nobody came back to it within 0.6 seconds.');
    expect(languageModel.calls[0]!.signal.aborted).toBe(true);
    expect((await generation.answer(id)).text).toBe('The seal of ');
  });

  it('does not come to an answer that somebody listens to or asks for', async () => {
    const database = await freshDatabase();
    const languageModel = scriptedLanguageModel(written, { allowed: 3 });
    const generation = await startGeneration(database, {
      retriever: scriptedRetriever(passages),
      languageModel,
      leaseSeconds: 1,
    });
    const age = () => query(database, `update answers set heard_at = now() - interval '30 seconds'`);
    const wasHeard = async () => {
      const sql = `select heard_at > now() - interval '20 seconds' as heard from answers`;
      return (await query<{ heard: boolean }>(database, sql))[0]?.heard;
    };
    const stream = generation.events({ input: { question } });
    const { value } = await stream.next();
    await age();
    await eventually(wasHeard);
    await age();
    await stream.return();
    expect(await wasHeard()).toBe(true);
    await age();
    await generation.answer(value!.answerId);
    expect(await wasHeard()).toBe(true);
  });
});

describe('asking', () => {
  it('answers as soon as the answer has begun, and once for one key', async () => {
    const database = await freshDatabase();
    const retriever = scriptedRetriever(passages);
    const generation = await startGeneration(database, { retriever });
    const asked = await Promise.all(
      Array.from({ length: 5 }, () => generation.ask({ question, idempotencyKey: 'one' })),
    );
    expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
    const stream = await collect(generation.events({ input: { question, idempotencyKey: 'one' } }));
    expect(stream[0]).toMatchObject({ answerId: asked[0]!.id, sequence: 1 });
    expect(retriever.queries).toHaveLength(1);
    const other = await generation.ask({ question, idempotencyKey: 'one' }, { ...ann, subject: 'bob' });
    expect(other.id).not.toBe(asked[0]!.id);
    await query(database, `update answers set created_at = created_at - interval '25 hours'`);
    const nextDay = await generation.ask({ question, idempotencyKey: 'one' });
    expect(nextDay.id).not.toBe(asked[0]!.id);
  });

  it.each([
    ['EMPTY_QUESTION', { question: '  ' }, 'question'],
    ['QUESTION_TOO_LONG', { question: 'x'.repeat(8193) }, 'question'],
    ['OUT_OF_RANGE', { question, passages: 51 }, 'passages'],
    ['OUT_OF_RANGE', { question, passages: 0 }, 'passages'],
    ['OUT_OF_RANGE', { question, tokenBudget: 255 }, 'tokenBudget'],
    ['INVALID_IDEMPOTENCY_KEY', { question, idempotencyKey: '' }, 'idempotencyKey'],
    [
      'UNKNOWN_CONVERSATION',
      { question, conversationId: 'cnv_00000000000000000000000000' },
      'conversationId',
    ],
    ['NO_LANGUAGE_MODEL', { question, style: 'GENERATED' }, 'style'],
  ])('refuses an input with %s', async (code, input, field) => {
    const database = await freshDatabase();
    const generation = await startGeneration(database);
    expect(await generation.ask(input)).toMatchObject({ __typename: 'Rejected', code, field });
    await expect(collect(generation.events({ input }))).rejects.toMatchObject({
      code: 'REJECTED_INPUT',
      reason: code,
      field,
    });
    expect(await query(database, 'select from answers')).toEqual([]);
  });

  it('needs a scope, and says when there is too much to do', async () => {
    const database = await freshDatabase();
    const generation = await startGeneration(database, {
      retriever: scriptedRetriever(passages),
      languageModel: scriptedLanguageModel(written, { allowed: 0 }),
      maxRunning: 1,
    });
    await expect(generation.ask({ question }, { ...ann, scopes: ['answers:read'] })).rejects.toMatchObject({
      code: 'DENIED',
    });
    expect(await generation.ask({ question })).toMatchObject({ __typename: 'Answer' });
    expect(await generation.ask({ question })).toMatchObject({
      __typename: 'Busy',
      code: 'QUEUE_FULL',
      retryAfterMs: 2000,
    });
  });

  it('fails with the search’s own reason', async () => {
    const database = await freshDatabase();
    const { upstream } = await import('../../platform/errors.ts');
    const generation = await startGeneration(database, {
      retriever: {
        search: () => Promise.reject(upstream('search', 'The search cannot be reached. Please ask again.')),
        ping: async () => {},
      },
    });
    const events = await collect(generation.events({ input: { question } }));
    expect(events.map((event) => event.__typename)).toEqual(['AnswerStarted', 'AnswerFailed']);
    expect(events[1]).toMatchObject({
      code: 'UPSTREAM',
      retryable: true,
      message: 'The search cannot be reached. Please ask again.',
    });
    expect(await generation.answer(events[0]!.answerId)).toMatchObject({
      state: 'FAILED',
      reason: 'The search cannot be reached. Please ask again.',
    });
  });
});

describe('conversations', () => {
  it('search for a pointing question with the one before it, and show the model what was said', async () => {
    const database = await freshDatabase();
    const retriever = scriptedRetriever(passages);
    const languageModel = scriptedLanguageModel(written);
    const generation = await startGeneration(database, { retriever, languageModel });
    const first = await collect(generation.events({ input: { question } }));
    const { conversationId } = await generation.answer(first[0]!.answerId);
    await collect(generation.events({ input: { question: 'And who does it?', conversationId } }));
    expect(retriever.queries[1]!.text).toBe(`${question}\nAnd who does it?`);
    expect(languageModel.calls[1]!.messages.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'user',
    ]);
    expect(languageModel.calls[1]!.messages[2]!.content).toBe(written);
    const foreign = await generation.ask({ question, conversationId }, { ...ann, subject: 'bob' });
    expect(foreign).toMatchObject({ __typename: 'Rejected', code: 'UNKNOWN_CONVERSATION' });

    const list =
      'query ($c: ID, $first: Int, $after: String) { answers(conversationId: $c, first: $first, after: $after) { nodes { question } pageInfo { hasNextPage endCursor } } }';
    const page = (variables: object) =>
      generation.run(list, { ...variables }) as Promise<{
        answers: { nodes: object[]; pageInfo: { endCursor: string } };
      }>;
    const one = await page({ c: conversationId, first: 1 });
    expect(one.answers).toMatchObject({
      nodes: [{ question: 'And who does it?' }],
      pageInfo: { hasNextPage: true },
    });
    const two = await page({ c: conversationId, first: 1, after: one.answers.pageInfo.endCursor });
    expect(two.answers).toMatchObject({ nodes: [{ question }], pageInfo: { hasNextPage: false } });
  });
});

describe('a document’s deletion', () => {
  const purge = (database: TestDatabase, documentId: string) =>
    query<{ count: number }>(database, 'select purge_document_from_answers($1, $2) as count', [
      'acme',
      documentId,
    ]);

  it('takes its words out of answers, and whoever goes on gets a clean end', async () => {
    const database = await freshDatabase();
    const generation = await startGeneration(database, { retriever: scriptedRetriever(passages) });
    const before = await collect(generation.events({ input: { question } }));
    const id = before[0]!.answerId;
    expect(await purge(database, passages[0]!.documentId)).toEqual([{ count: 1 }]);
    expect(await purge(database, passages[0]!.documentId)).toEqual([{ count: 0 }]);
    const after = await collect(generation.events({ id, after: before[1]!.cursor }));
    expect(after.map((event) => event.sequence)).toEqual(before.slice(2).map((event) => event.sequence));
    const reason = 'A document that this answer rested on was deleted, and its words with it.';
    expect(after.at(-1)).toMatchObject({
      __typename: 'AnswerCompleted',
      answer: { question, state: 'STOPPED', reason, text: '', citations: [] },
    });
    const stored = await query(
      database,
      `select answers::text as row from answers union all select answer_events::text from answer_events`,
    );
    expect(JSON.stringify(stored)).not.toContain('2,000');
    expect(JSON.stringify(stored)).not.toContain(passages[0]!.chunkId);
  });

  it('stops an answer that is being made of it', async () => {
    const database = await freshDatabase();
    const languageModel = scriptedLanguageModel(written, { allowed: 3 });
    const generation = await startGeneration(database, {
      retriever: scriptedRetriever(passages),
      languageModel,
      leaseSeconds: 1,
    });
    const stream = generation.events({ input: { question } });
    let last = await stream.next();
    while (last.value && last.value.text !== 'of ') last = await stream.next();
    await purge(database, passages[0]!.documentId);
    const rest = await collect(stream);
    expect(rest).toHaveLength(1);
    expect(rest[0]).toMatchObject({
      __typename: 'AnswerCompleted',
      sequence: last.value!.sequence + 1,
      answer: { state: 'STOPPED', text: '' },
    });
    await eventually(() => languageModel.calls[0]!.signal.aborted);
  });

  it('keeps its words out of an answer that had just found them', async () => {
    const database = await freshDatabase();
    const retriever = scriptedRetriever(passages);
    const search = retriever.search.bind(retriever);
    const generation = await startGeneration(database, {
      retriever: {
        ...retriever,
        search: async (identity, asked, signal) => {
          const found = await search(identity, asked, signal);
          await purge(database, passages[0]!.documentId);
          return found;
        },
      },
    });
    const events = await collect(generation.events({ input: { question } }));
    expect(events.at(-1)).toMatchObject({
      answer: { state: 'COMPLETED', text: 'Nothing was found in the documents that answers this.' },
    });
    expect(events[1]).toMatchObject({ hits: [{ chunk: { id: passages[1]!.chunkId } }] });
  });
});
