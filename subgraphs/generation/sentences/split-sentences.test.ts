import { expect, it } from 'vitest';
import { splitSentences } from './split-sentences.ts';

const split = (text: string) => splitSentences(text).map(({ start, end }) => text.slice(start, end));

it.each([
  [
    'plain prose',
    'One thing. Another thing! A third? Yes.',
    ['One thing.', 'Another thing!', 'A third?', 'Yes.'],
  ],
  [
    'numbers with decimals',
    'It weighs 3.5 kg. It costs 2,000.50 euros.',
    ['It weighs 3.5 kg.', 'It costs 2,000.50 euros.'],
  ],
  [
    'abbreviations',
    'Use oil, e.g. Lithium soap, i.e. No. 2, see Fig. 3. Then stop.',
    ['Use oil, e.g. Lithium soap, i.e. No. 2, see Fig. 3.', 'Then stop.'],
  ],
  [
    'initials and titles',
    'Dr. J. Smith et al. Wrote it. Mr. Jones read it.',
    ['Dr. J. Smith et al. Wrote it.', 'Mr. Jones read it.'],
  ],
  ['an answer of no', 'The answer is no. It stays.', ['The answer is no.', 'It stays.']],
  [
    'lines broken by a narrow page',
    'The seal of the pump must be\nserviced every 2,000 hours of its\noperation. Then it is greased.',
    ['The seal of the pump must be\nserviced every 2,000 hours of its\noperation.', 'Then it is greased.'],
  ],
  [
    'headings and items',
    '# Pumps\n\nThey pump.\n- First item\n- Second item\n\nThe end',
    ['# Pumps', 'They pump.', '- First item', '- Second item', 'The end'],
  ],
  [
    'a heading without marks',
    'Servicing\nThe seal must be serviced every 2,000 hours.',
    ['Servicing', 'The seal must be serviced every 2,000 hours.'],
  ],
  ['quotations', 'He said “Stop.” Then he left.', ['He said “Stop.”', 'Then he left.']],
  [
    'text taken apart',
    'the flow is steady . it was measured at mach 2.5 . nothing else .',
    ['the flow is steady .', 'it was measured at mach 2.5 .', 'nothing else .'],
  ],
  ['other scripts', '这是第一句。这是第二句。', ['这是第一句。', '这是第二句。']],
  ['nothing', '  \n ', []],
])('splits %s', (_, text, sentences) => {
  expect(split(text)).toEqual(sentences);
});
