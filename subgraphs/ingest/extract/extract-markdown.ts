import type { Extracted } from '../types.ts';
import { flowing } from './extract-text.ts';

/**
 * Markdown is its own extracted text, so that a range of it is a range of the file. The title is that of the
 * front matter, else the first heading.
 */
export function extractMarkdown(text: string): Extracted {
  return flowing(text, titleOf(text), frontMatter(text, 'author'));
}

function titleOf(text: string): string | null {
  const given = frontMatter(text, 'title');
  if (given !== null) return given;
  // Headings are looked for outside of fenced code, where `#` begins a comment.
  let fence: string | null = null;
  let previous = '';
  for (const line of text.slice(0, 100_000).split(/\r?\n/)) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && (fence === null || mark.startsWith(fence))) {
      fence = fence === null ? mark : null;
    } else if (fence === null) {
      const heading = /^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$/.exec(line)?.[1];
      if (heading !== undefined) return plain(heading);
      if (/^ {0,3}=+[ \t]*$/.test(line) && previous.trim() !== '') return plain(previous);
      previous = line;
    }
  }
  return null;
}

function frontMatter(text: string, key: string): string | null {
  const block = /^---\r?\n([\s\S]{0,10000}?)\r?\n---\s*(?:\r?\n|$)/.exec(text)?.[1] ?? '';
  const value = new RegExp(`^${key}:[ \\t]*(.+?)[ \\t]*$`, 'm').exec(block)?.[1];
  return value === undefined ? null : value.replace(/^(["'])(.*)\1$/, '$2') || null;
}

/** A heading without its marks of emphasis, code and links. */
const plain = (heading: string): string | null =>
  heading
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|__|\*|`)(.+?)\1/g, '$2')
    .trim() || null;
