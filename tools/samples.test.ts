import { readdir, readFile, stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

interface Question {
  readonly question: string;
  readonly document: string | null;
  readonly phrase: string | null;
}

const folder = new URL('../samples/', import.meta.url);
const questions = JSON.parse(await readFile(new URL('questions.json', folder), 'utf8')) as Question[];
interface MediaQuestion {
  readonly question: string;
  readonly document: string;
  readonly phrase?: string;
}
const mediaQuestions = JSON.parse(
  await readFile(new URL('media-questions.json', folder), 'utf8'),
) as MediaQuestion[];
const words = (text: string) => text.replace(/\s+/g, ' ');

describe('the sample library', () => {
  it('has questions that it answers, and some that it does not', () => {
    expect(questions.filter(({ document }) => document !== null).length).toBeGreaterThanOrEqual(20);
    expect(questions.filter(({ document }) => document === null)).toHaveLength(3);
  });

  it.each(
    questions.flatMap(({ question, document, phrase }) =>
      document === null || phrase === null || document.endsWith('.pdf') ? [] : [[question, document, phrase]],
    ),
  )('answers “%s”, in %s', async (_, document, phrase) => {
    expect(words(await readFile(new URL(document, folder), 'utf8'))).toContain(phrase);
  });

  it('lists every file in its guide, and has every file that a question is about', async () => {
    const guide = await readFile(new URL('README.md', folder), 'utf8');
    const names = await readdir(folder);
    for (const name of names) if (!/^README|\.ts$/.test(name)) expect(guide).toContain(`\`${name}\``);
    for (const { document } of mediaQuestions) expect(names).toContain(document);
  });

  it.each(
    mediaQuestions.flatMap(({ question, document, phrase }) =>
      phrase !== undefined && /\.(?:csv|jsonl|eml)$/.test(document) ? [[question, document, phrase]] : [],
    ),
  )('answers “%s”, in %s', async (_, document, phrase) => {
    expect(words(await readFile(new URL(document, folder), 'utf8')).toLowerCase()).toContain(
      phrase.toLowerCase(),
    );
  });

  it('has each answer of the report in the script that makes it', async () => {
    const script = await readFile(new URL('samples/make-report.ts', import.meta.url), 'utf8');
    for (const { document, phrase } of questions) {
      if (document === 'commissioning-report.pdf') expect(script).toContain(phrase);
    }
  });

  it('has a small report', async () => {
    expect((await stat(new URL('commissioning-report.pdf', folder))).size).toBeLessThan(100_000);
  });
});
