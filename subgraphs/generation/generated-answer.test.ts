import { describe, expect, it, onTestFinished } from 'vitest';
import { collect } from '../../platform/testing/collect.ts';
import { openSmolLm } from '../../platform/testing/smol-lm.ts';
import { scriptedLanguageModel } from './testing/scripted-language-model.ts';
import { passagesOf, scriptedRetriever, searched } from './testing/scripted-retriever.ts';
import { freshDatabase, startGeneration } from './testing/start-generation.ts';

const passages = passagesOf([
  { title: 'Pump manual', text: 'The seal of pump P-101 must be serviced every 2,000 hours.' },
]);
const question = 'How often must the seal of pump P-101 be serviced?';

describe('an answer that a model writes', () => {
  it('comes from a real model, counted and attributed', async () => {
    const database = await freshDatabase();
    const languageModel = await openSmolLm();
    onTestFinished(() => languageModel[Symbol.asyncDispose]());
    const generation = await startGeneration(database, {
      retriever: scriptedRetriever(passages),
      languageModel,
      prices: { promptUsd: 2, completionUsd: 10 },
    });
    const events = await collect(
      generation.events({ input: { question, style: 'GENERATED', tokenBudget: 512 } }),
    );
    expect(events[0]).toMatchObject({ style: 'GENERATED', model: languageModel.description.model });
    const { answer } = events.at(-1) as unknown as {
      answer: {
        state: string;
        text: string;
        citations: { answerRange: { start: number; end: number } }[];
        usage: {
          promptTokens: number;
          completionTokens: number;
          costMicroUsd: number;
          firstTokenMs: number;
          totalMs: number;
        };
      };
    };
    expect(answer.state).toBe('COMPLETED');
    expect(answer.text.length).toBeGreaterThan(10);
    expect(answer.citations.length).toBeGreaterThan(0);
    for (const { answerRange } of answer.citations)
      expect(answerRange.end).toBeLessThanOrEqual(answer.text.length);
    const { promptTokens, completionTokens, costMicroUsd, firstTokenMs, totalMs } = answer.usage;
    expect(promptTokens + completionTokens).toBeLessThanOrEqual(512);
    expect(completionTokens).toBeGreaterThan(3);
    expect(costMicroUsd).toBe(2 * promptTokens + 10 * completionTokens);
    expect(firstTokenMs).toBeLessThanOrEqual(totalMs);
    // It is too small to write by default.
    const plain = await collect(generation.events({ input: { question } }));
    expect(plain[0]).toMatchObject({ style: 'EXTRACTIVE', model: 'extractive' });
  });

  it('is not asked of the model where no passage is near', async () => {
    const database = await freshDatabase();
    const languageModel = scriptedLanguageModel('I make things up.');
    const generation = await startGeneration(database, {
      retriever: scriptedRetriever(passagesOf([{ text: 'The canteen opens at noon.', dense: 0.1 }])),
      languageModel,
    });
    const events = await collect(generation.events({ input: { question } }));
    expect(languageModel.calls).toEqual([]);
    expect(events.at(-1)).toMatchObject({
      answer: {
        text: 'Nothing was found in the documents that answers this.',
        citations: [],
        usage: { promptTokens: 0, completionTokens: 0 },
      },
    });
  });

  it('says what could not be searched, behind what the model wrote', async () => {
    const database = await freshDatabase();
    const [dense, sparse] = searched.sources;
    const written = 'The seal of pump P-101 must be serviced every 2,000 hours.';
    const generation = await startGeneration(database, {
      retriever: scriptedRetriever(passages, {
        complete: false,
        sources: [dense!, { ...sparse!, status: 'UNAVAILABLE', reason: 'gone' }],
      }),
      languageModel: scriptedLanguageModel(written),
    });
    const events = await collect(generation.events({ input: { question } }));
    expect(events.at(-1)).toMatchObject({
      answer: {
        text: `${written}\n\nNot everything was searched: text by words (it could not be reached).`,
        citations: [{ support: 'VERIFIED', answerRange: { start: 0, end: written.length } }],
      },
    });
  });

  it('is stored whatever characters the model writes', async () => {
    const database = await freshDatabase();
    const odd = 'One\0two \ud83d';
    const generation = await startGeneration(database, {
      retriever: scriptedRetriever(passages),
      languageModel: scriptedLanguageModel(`${odd} end of it.`),
    });
    const events = await collect(generation.events({ input: { question } }));
    expect(events.at(-1)).toMatchObject({ answer: { state: 'COMPLETED', text: 'Onetwo \uFFFD end of it.' } });
  });
});
