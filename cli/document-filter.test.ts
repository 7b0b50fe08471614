import { describe, expect, it } from 'vitest';
import { readDocumentFilter } from './document-filter.ts';

describe('the filter of documents', () => {
  it('reads states, tags and words of the title', () => {
    expect(readDocumentFilter('state=failed|partial,tag=a,tag=b,title~"pump, old",author=Jane')).toEqual({
      states: ['FAILED', 'PARTIAL'],
      tags: ['a', 'b'],
      titleContains: 'pump, old',
      author: 'Jane',
    });
  });

  it.each([
    ['state=lost', 'none of received'],
    ['title=pump', 'write title~'],
    ['tag=a|b', 'one value only'],
    ['size=3', 'there is no field "size"'],
  ])('refuses %s and teaches the syntax', (text, problem) => {
    expect(() => readDocumentFilter(text)).toThrow(problem);
    expect(() => readDocumentFilter(text)).toThrow('state=searchable|partial');
  });
});
