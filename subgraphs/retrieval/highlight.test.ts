import { describe, expect, it } from 'vitest';
import { stem } from '../../platform/text/stem.ts';
import { createHighlighter, queryTerms } from './highlight.ts';

const marked = (query: string, text: string) =>
  createHighlighter(queryTerms(query))(text).map(({ start, end }) => text.slice(start, end));

describe('highlight', () => {
  it('finds a word in its other forms', () => {
    expect(marked('heated wings', 'The wing heats up; heating two wings, wingless.')).toEqual([
      'wing',
      'heats',
      'heating',
      'wings',
    ]);
  });

  it('leaves out words that say nothing', () => {
    expect(marked('what is the effect of the flow', 'The effects of what is the flow')).toEqual([
      'effects',
      'flow',
    ]);
    expect(marked('what is the', 'what is the matter')).toEqual([]);
  });

  it('counts in UTF-16 code units, also behind characters of two', () => {
    const text = '😀😀 Größe der Turbine';
    const [range] = createHighlighter(queryTerms('grosse turbine'))(text);
    expect(range).toEqual({ start: text.indexOf('Turbine'), end: text.length });
  });

  it('heeds no accents, and keeps ranges right where they are written apart', () => {
    expect(marked('naive', 'a naïve na\u0131\u0308ve nai\u0308ve view')).toEqual(['naïve', 'nai\u0308ve']);
  });

  it('knows the words of scripts without spaces', () => {
    expect(marked('机器学习', '我喜欢机器学习。')).toEqual(['机器', '学习']);
  });

  it('takes no more than 200 of one passage, and anything as a query', () => {
    expect(marked('flow', 'flow '.repeat(500))).toHaveLength(200);
    for (const query of ['', '((', '"\\', '*', '\u0000', '\ud800', '[a-z]+'])
      expect(marked(query, 'a text ((')).toEqual([]);
  });
});

describe('stem', () => {
  // From the examples in the rules of Porter's paper, each through all of its steps.
  it.each([
    ['caresses', 'caress'],
    ['ponies', 'poni'],
    ['cats', 'cat'],
    ['feed', 'feed'],
    ['plastered', 'plaster'],
    ['bled', 'bled'],
    ['motoring', 'motor'],
    ['sing', 'sing'],
    ['conflated', 'conflat'],
    ['troubled', 'troubl'],
    ['sized', 'size'],
    ['hopping', 'hop'],
    ['falling', 'fall'],
    ['hissing', 'hiss'],
    ['filing', 'file'],
    ['happy', 'happi'],
    ['sky', 'sky'],
    ['relational', 'relat'],
    ['digitizer', 'digit'],
    ['vietnamization', 'vietnam'],
    ['sensibiliti', 'sensibl'],
    ['formalize', 'formal'],
    ['goodness', 'good'],
    ['adjustment', 'adjust'],
    ['adoption', 'adopt'],
    ['activate', 'activ'],
    ['probate', 'probat'],
    ['rate', 'rate'],
    ['controll', 'control'],
    ['roll', 'roll'],
  ])('%s → %s', (word, stemmed) => {
    expect(stem(word)).toBe(stemmed);
  });

  it('leaves other words alone', () => {
    for (const word of ['', 'at', '3.5', 'größe', 'x15', '学习']) expect(stem(word)).toBe(word);
  });
});
