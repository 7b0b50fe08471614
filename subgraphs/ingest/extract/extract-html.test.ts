import { describe, expect, it } from 'vitest';
import { isSection } from '../types.ts';
import { extractHtml } from './extract-html.ts';

/** What is read from a page: its text, and what it says of itself. */
async function read(html: string) {
  await using extracted = extractHtml(html);
  const texts: string[] = [];
  for await (const part of extracted.parts) if (isSection(part)) texts.push(part.text);
  expect(texts).toHaveLength(1);
  return { text: texts[0], title: extracted.title, author: extracted.author };
}

describe('the text of a page', () => {
  it('is what a reader sees, without scripts, styles and navigation', async () => {
    const page = `<!doctype html><html><head><title>The page</title><style>p { color: red }</style></head><body>
      <nav><a href="/">Home</a></nav>
      <main><h1>Heading</h1><p>First <b>bold</b>ly said.</p><script>alert('no')</script><noscript>nor this</noscript>
      <p hidden>Hidden.</p><p aria-hidden="true">Hidden, too.</p><template>Not shown.</template></main>
      <aside>Elsewhere</aside><footer>Imprint</footer></body></html>`;
    expect((await read(page)).text).toBe('Heading\n\nFirst boldly said.');
  });

  it('has a blank line between blocks, a line break for a break, and none within a line', async () => {
    expect(
      (await read('<div>one</div><div>two</div><p>three<br>four</p><p>five\n   <i>six</i>seven</p>')).text,
    ).toBe('one\n\ntwo\n\nthree\nfour\n\nfive sixseven');
  });

  it('has its entities decoded', async () => {
    expect(
      (await read('<p>Fish &amp; chips &lt;fresh&gt; caf&eacute; &#8364;5&nbsp;each &#x1F41F;</p>')).text,
    ).toBe('Fish & chips <fresh> café €5 each 🐟');
  });

  it('has rows on lines, cells apart, and tables in tables', async () => {
    const page = `<p>Before</p><table><thead><tr><th>Name</th><th>Size</th></tr></thead>
      <tbody><tr><td>Ant</td><td><table><tr><td>2</td><td>mm</td></tr></table></td></tr></tbody></table><p>After</p>`;
    const { text = '' } = await read(page);
    expect(text.startsWith('Before\n\nName\tSize\n')).toBe(true);
    expect(text.endsWith('\n\nAfter')).toBe(true);
    expect(text).toContain('2\tmm');
    expect(text.split(/\s+/)).toEqual(['Before', 'Name', 'Size', 'Ant', '2', 'mm', 'After']);
  });

  it('has the items of nested lists in their order, each by itself', async () => {
    const page = '<ul><li>one<ul><li>one a</li><li>one b</li></ul></li><li>two</li></ul>';
    expect((await read(page)).text).toBe('one\n\none a\n\none b\n\ntwo');
  });

  it('keeps the lines of what is preformatted', async () => {
    expect((await read('<p>Code:</p><pre>if (a) {\n  b();\n}</pre>')).text).toBe(
      'Code:\n\nif (a) {\n  b();\n}',
    );
  });

  it('is that of the navigation where a page has nothing else', async () => {
    expect((await read('<nav><a href="/a">Only</a> <a href="/b">links</a></nav>')).text).toBe('Only links');
  });

  it('is read to the bottom of 500 elements in each other', async () => {
    expect((await read(`${'<div>'.repeat(500)}deep${'</div>'.repeat(500)}`)).text).toBe('deep');
  });

  it('is refused where it is deeper, or larger, than any reader bears', () => {
    const attributed = Array.from({ length: 300 }, (_, i) => `<b id=${i}>`).join('');
    for (const html of ['<div>'.repeat(1000), `<p>${attributed}${'<p>x'.repeat(20_000)}`]) {
      expect(() => extractHtml(html)).toThrow(
        expect.objectContaining({ code: 'REJECTED_INPUT', reason: 'HTML_TOO_COMPLEX' }),
      );
    }
  });

  it('is read from a row of many cells', async () => {
    const { text = '' } = await read(`<table><tr>${'<td>x</td>'.repeat(200_000)}</tr></table>`);
    expect(text.length).toBe(399_999);
  });
});

describe('the title and the author of a page', () => {
  it('are those of its head', async () => {
    const head = '<title> A \n title </title><meta name="Author" content=" Ada ">';
    expect(await read(`<html><head>${head}</head><body><h1>Other</h1></body></html>`)).toMatchObject({
      title: 'A title',
      author: 'Ada',
    });
  });

  it('are its first heading and nobody where the head does not say', async () => {
    expect(
      await read('<title> </title><p>words</p><h1>First <i>heading</i></h1><h1>Second</h1>'),
    ).toMatchObject({
      title: 'First heading',
      author: null,
    });
    expect(await read('<p>words</p>')).toMatchObject({ title: null, author: null });
  });
});
