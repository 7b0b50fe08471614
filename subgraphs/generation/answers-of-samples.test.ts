import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Encoder } from '../../platform/ports/encoder.ts';
import { openMiniLm } from '../../platform/testing/mini-lm.ts';
import type { Locator } from '../../platform/types.ts';
import { judgeRelevance } from './judge-relevance.ts';
import { quoteExcerpts } from './quote-excerpts.ts';
import { selectExcerpts } from './select-excerpts.ts';
import { Meaning } from './sentences/meaning.ts';
import { innerProduct } from './sentences/words.ts';
import { passagesOf } from './testing/scripted-retriever.ts';
import { type Passage, said } from './types.ts';

interface Question {
  readonly question: string;
  /** What an answer must contain; null where the samples have no answer. */
  readonly phrase: string | null;
}
/** A passage of the sample library, as it is cut when it is put in. */
interface SamplePassage {
  readonly document: string;
  readonly title: string;
  readonly text: string;
  readonly locator: Locator;
}

const read = async <T>(file: string): Promise<T> =>
  JSON.parse(await readFile(new URL(file, import.meta.url), 'utf8')) as T;
const samples = passagesOf(await read<SamplePassage[]>('testing/sample-passages.json'));
const questions = await read<Question[]>('../../samples/questions.json');
const heldOut = await read<Question[]>('testing/held-out-questions.json');
const { signal } = new AbortController();

let encoder: Encoder;
let meaning: Meaning;
let vectors: readonly Float32Array[];
beforeAll(async () => {
  encoder = await openMiniLm();
  meaning = new Meaning(encoder);
  vectors = await encoder.encode(
    samples.map(({ title, text }) => `${title}\n${text}`),
    'passage',
  );
});
afterAll(async () => {
  meaning[Symbol.dispose]();
  await encoder[Symbol.asyncDispose]();
});

/** The eight passages nearest to a question. */
async function nearest(question: string): Promise<Passage[]> {
  const [asked] = await encoder.encode([question], 'query');
  return samples
    .map((passage, index) => ({ passage, nearness: innerProduct(asked!, vectors[index]!) }))
    .sort((one, other) => other.nearness - one.nearness)
    .slice(0, 8)
    .map(({ passage }, index) => ({ ...passage, rank: index + 1, score: 1 / (61 + index) }));
}

async function answer({ question, phrase }: Question) {
  const passages = await nearest(question);
  const excerpts = await selectExcerpts(question, passages, meaning, signal);
  const { text, citations } = said(quoteExcerpts({ passages }, excerpts));
  return { question, phrase, passages, text, citations, isRight: phrase !== null && text.includes(phrase) };
}

const answerAll = async (asked: readonly Question[]) => {
  const answers = [];
  for (const question of asked) answers.push(await answer(question));
  return answers;
};
const answerable = (asked: readonly Question[]) => asked.filter(({ phrase }) => phrase !== null);
const unanswerable = (asked: readonly Question[]) => asked.filter(({ phrase }) => phrase === null);

describe('the sample library, asked with the default encoder', () => {
  it('answers its questions with the phrase that answers them, in few words', async () => {
    const answers = await answerAll(answerable(questions));
    expect(answers).toHaveLength(25);
    const wrong = answers.filter(({ isRight }) => !isRight).map(({ question, text }) => ({ question, text }));
    expect(wrong.length, JSON.stringify(wrong)).toBeLessThanOrEqual(2);
    expect(answers.reduce((sum, { citations }) => sum + citations.length, 0)).toBeLessThanOrEqual(45);
  });

  it('quotes letter by letter, and says it in one line', async () => {
    for (const { text, citations, passages } of await answerAll(answerable(questions))) {
      expect(text.replace(/\n\n/g, ' ')).not.toMatch(/\s\s|[\n\r\t]/);
      for (const { quote, chunkId, answerRange } of citations) {
        expect(passages.find((passage) => passage.chunkId === chunkId)?.text).toContain(quote);
        expect(text.slice(answerRange.start, answerRange.end)).toBe(quote?.replace(/\s+/g, ' '));
      }
    }
  });

  it('says nothing to what it cannot answer', async () => {
    for (const { question, text } of await answerAll(unanswerable(questions)))
      expect(text, question).toBe('');
  });

  it('answers most questions in other words, and few that only sound like it', async () => {
    const answered = await answerAll(answerable(heldOut));
    expect(answered).toHaveLength(52);
    expect(answered.filter(({ isRight }) => isRight).length).toBeGreaterThanOrEqual(41);
    const refused = await answerAll(unanswerable(heldOut));
    expect(refused).toHaveLength(52);
    expect(refused.filter(({ text }) => text === '').length).toBeGreaterThanOrEqual(42);
  });

  it('asks a model about what is there, and not about what is not', async () => {
    for (const { question, phrase } of questions) {
      const relevant = await judgeRelevance(question, await nearest(question), meaning, signal);
      expect(relevant.length > 0, question).toBe(phrase !== null);
      expect(phrase === null || relevant.some(({ text }) => text.replace(/\s+/g, ' ').includes(phrase))).toBe(
        true,
      );
    }
  });
});
