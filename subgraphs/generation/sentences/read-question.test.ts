import { describe, expect, it } from 'vitest';
import { readQuestion } from './read-question.ts';
import { stem } from './words.ts';

const focusOf = (question: string) => [...readQuestion(question).focus.keys()];

describe('reading a question', () => {
  it.each([
    ['What is the salary of the station manager?', 'salary'],
    ['Who is the director of the board?', 'director'],
    ['How many visitors came last year?', 'visitors'],
    ['When was pump P-103 rebuilt?', 'rebuilt'],
    ['How much did the eel pass cost?', 'cost'],
    ['Who painted the station?', 'painted'],
  ])('finds what “%s” asks for', (question, word) => {
    expect(focusOf(question)).toEqual([stem(word)]);
  });

  it('asks nothing in particular of a question that describes what it is after', () => {
    const question =
      'what are the structural and aeroelastic problems of flight of high speed heated aircraft';
    expect(focusOf(question)).toEqual([]);
  });

  it.each([
    ['How often must it be serviced?', 'every 2,000 hours', 'when the alarm comes'],
    ['How many homes are kept dry?', 'about 2,300 homes', 'Pump P-102 was rebuilt in 2022.'],
    ['Who wrote it?', 'It was written by Ines Calloway.', 'It was written last year.'],
    ['When was it opened?', 'It was opened on 14 May 1987.', 'It was opened by the Board.'],
    ['Why did it leak?', 'It leaked because of a scratch.', 'It leaked 40 drops a minute.'],
  ])('knows what answers “%s”', (question, answer, other) => {
    const { expects } = readQuestion(question);
    expect(expects?.(answer)).toBe(true);
    expect(expects?.(other)).toBe(false);
  });

  it('expects nothing in particular where anything may answer', () => {
    expect(readQuestion('What was found in the suction bell?').expects).toBeNull();
  });

  it.each([
    ['use', 'used'],
    ['stop', 'stopped'],
    ['service', 'serviced'],
    ['battery', 'batteries'],
    ['seal', 'sealing'],
    ['fall', 'falling'],
    ['agree', 'agreed'],
  ])('takes %s and %s for one word', (one, other) => {
    expect(stem(one)).toBe(stem(other));
  });
});
