import { describe, expect, it } from 'vitest';
import { CommandFailure } from './failure.ts';
import { readSearchFilter } from './search-filter.ts';

describe('the filter of search and ask', () => {
  it.each([
    ['year>=2020', { year: { from: 2020 } }],
    ['year>2020', { year: { from: 2021 } }],
    ['year<2020', { year: { to: 2019 } }],
    ['year = 2020', { year: { from: 2020, to: 2020 } }],
    ['author=Jane|Bob', { authors: ['Jane', 'Bob'] }],
    ['author="Jane, the elder"', { authors: ['Jane, the elder'] }],
    ['author="a \\"b\\" | c"', { authors: ['a "b" | c'] }],
    ['tag=pump', { tagsAll: ['pump'] }],
    ['tag=pump|valve', { tagsAny: ['pump', 'valve'] }],
    ['tag!=pump', { not: { tagsAll: ['pump'] } }],
    ['source=samples/shift-log.txt', { sources: ['samples/shift-log.txt'] }],
    ['pii=false', { containsPii: false }],
    ['published>=2020-01-31', { publishedAt: { from: '2020-01-31T00:00:00.000Z' } }],
    ['metadata.project.phase=2', { metadata: [{ path: 'project.phase', equals: 2 }] }],
    ['metadata.project.phase="2"', { metadata: [{ path: 'project.phase', equals: '2' }] }],
    ['metadata.done=true', { metadata: [{ path: 'done', equals: true }] }],
    ['metadata.phase=1|2', { metadata: [{ path: 'phase', in: [1, 2] }] }],
    ['metadata.load>=0.5', { metadata: [{ path: 'load', atLeast: 0.5 }] }],
    ['{"year": {"from": 3}}', { year: { from: 3 } }],
  ])('reads %s', (text, filter) => {
    expect(readSearchFilter(text)).toEqual(filter);
  });

  it('joins conditions: all must hold', () => {
    expect(readSearchFilter('year>=2020,author=Jane,tag=pump,tag=seal')).toEqual({
      and: [{ year: { from: 2020 } }, { authors: ['Jane'] }, { tagsAll: ['pump'] }, { tagsAll: ['seal'] }],
    });
  });

  it.each([
    ['colour=red', 'there is no field "colour"'],
    ['year', '"year" is not a condition'],
    ['year=', 'has no value'],
    ['year>=new', 'a year is a whole number'],
    ['author>Jane', 'can only be compared by = and !='],
    ['pii=maybe', 'pii is true or false'],
    ['published=yesterday', 'give one date or instant'],
    ['metadata.load>much', 'compares with one number'],
    ['author="Jane', 'is not closed'],
    ['{"year"', 'this is not JSON'],
  ])('refuses %s and teaches the syntax', (text, problem) => {
    expect(() => readSearchFilter(text)).toThrow(CommandFailure);
    expect(() => readSearchFilter(text)).toThrow(problem);
    expect(() => readSearchFilter(text)).toThrow('Write conditions joined by commas');
  });
});
