import { describe, expect, it } from 'vitest';
import { isGap } from '../types.ts';
import { extractMarkdown } from './extract-markdown.ts';

describe('Markdown', () => {
  it('is its own text, letter by letter, so that places in it are places in the file', async () => {
    const text =
      '---\ntitle: T\n---\r\n\r\n# A *heading*\n\n- item &amp; [link](http://a)\n\n```js\n# code\n```\n';
    await using extracted = extractMarkdown(text);
    const parts = [];
    for await (const part of extracted.parts) if (!isGap(part)) parts.push(part);
    expect(parts).toEqual([{ text, page: null }]);
  });

  it.each([
    [
      'its first heading',
      'words\n\n## The *first* `heading` of [many](http://a) ##\n\n# Second',
      'The first heading of many',
    ],
    ['a heading that is underlined', 'words\n\nUnder**lined**\n=====\n', 'Underlined'],
    ['what the front matter says', '---\nauthor: Ada\ntitle: "In front"\n---\n# Heading', 'In front'],
    ['the heading behind a fence with a comment', '```sh\n# a comment\n```\n# Heading', 'Heading'],
    ['the heading behind a fence within a longer one', '````\n```\n# no\n```\n````\n# Yes', 'Yes'],
    ['the heading of a file with DOS line ends', 'words\r\n\r\n# Heading\r\n', 'Heading'],
    ['nothing where there is no heading', 'words\n#hashtag\n    # indented code', null],
  ])('has %s as its title', async (_, text, title) => {
    await using extracted = extractMarkdown(text);
    expect(extracted.title).toBe(title);
  });

  it('has the author that the front matter names', async () => {
    await using extracted = extractMarkdown("---\r\ntitle: T\r\nauthor: 'Ada L.'\r\n---\r\nwords");
    expect(extracted).toMatchObject({ title: 'T', author: 'Ada L.' });
    await using plain = extractMarkdown('author: nobody\n');
    expect(plain.author).toBeNull();
  });
});
