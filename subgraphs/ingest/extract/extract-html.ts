import { type DefaultTreeAdapterMap, defaultTreeAdapter, parse } from 'parse5';
import { rejected } from '../../../platform/errors.ts';
import type { Extracted } from '../types.ts';
import { flowing } from './extract-text.ts';

type Node = DefaultTreeAdapterMap['node'];
type Element = DefaultTreeAdapterMap['element'];

/** Elements whose text no reader sees, and the parts of a page that are about the site and not the content. */
const skipped = new Set([
  ...['script', 'style', 'noscript', 'template', 'svg', 'math', 'canvas', 'iframe', 'object', 'head'],
  ...['nav', 'footer', 'aside', 'form', 'button', 'select', 'dialog', 'menu'],
]);

/** Elements that stand in a paragraph of their own. */
const blocks = new Set([
  ...['address', 'article', 'blockquote', 'body', 'dd', 'details', 'div', 'dl', 'dt', 'fieldset', 'figure'],
  ...['figcaption', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'header', 'hgroup', 'hr', 'li', 'main', 'ol', 'p'],
  ...['pre', 'section', 'summary', 'table', 'ul', 'caption', 'tbody', 'thead', 'tfoot'],
]);

/**
 * The visible text of a page, a blank line between blocks. Navigation and the like are left out, unless
 * nothing would remain. The title is that of the page, else its first heading.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `HTML_TOO_COMPLEX`.
 */
export function extractHtml(html: string): Extracted {
  const document = parseWithin(html);
  const text = visibleText(document, skipped) || visibleText(document, new Set(['script', 'style', 'head']));
  const title = textOfFirst(document, 'title') ?? textOfFirst(document, 'h1');
  return flowing(text, title, metaContent(document, 'author'));
}

/** As deep as browsers go. */
const maxDepth = 512;
const maxElements = 1_000_000;

/** Parses a page. How long that takes grows with its size times its depth, and a hostile one has much of both. */
function parseWithin(html: string): DefaultTreeAdapterMap['document'] {
  let depth = 0;
  let elements = 0;
  return parse(html, {
    treeAdapter: {
      ...defaultTreeAdapter,
      onItemPush() {
        depth++;
        elements++;
        if (depth <= maxDepth && elements <= maxElements) return;
        throw rejected(
          'HTML_TOO_COMPLEX',
          `The page has more than ${maxElements} elements, or ${maxDepth} in each other. Send it in parts, or as plain text.`,
        );
      },
      onItemPop() {
        depth--;
      },
    },
  });
}

function visibleText(root: Node, hidden: ReadonlySet<string>): string {
  const pieces: string[] = [];
  let pending = '';
  const add = (words: string) => {
    const leading = /^\s/.test(words);
    const trimmed = words.trim();
    if (trimmed === '') {
      if (words !== '' && pending === '') pending = ' ';
      return;
    }
    if (pieces.length > 0) pieces.push(pending === '' && leading ? ' ' : pending);
    pieces.push(trimmed);
    pending = /\s$/.test(words) ? ' ' : '';
  };
  const breakBy = (mark: string) => {
    if (mark.length > pending.length || pending === ' ') pending = mark;
  };
  // A stack of our own: the nesting of a hostile page is deeper than the call stack.
  const stack: (Node | string)[] = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (typeof node === 'string') {
      breakBy(node);
    } else if (node.nodeName === '#text' && 'value' in node) {
      const preformatted = 'tagName' in (node.parentNode ?? {}) && node.parentNode?.nodeName === 'pre';
      add(preformatted ? node.value : node.value.replace(/[\s\u00a0]+/g, ' '));
    } else if ('tagName' in node && (hidden.has(node.tagName) || isHidden(node))) {
      // Left out with all that is in it.
    } else if (node.nodeName === 'br' || node.nodeName === 'tr') {
      breakBy('\n');
      stack.push('\n');
      pushChildren(stack, node);
    } else if (node.nodeName === 'td' || node.nodeName === 'th') {
      stack.push('\t');
      pushChildren(stack, node);
    } else {
      const block = blocks.has(node.nodeName);
      if (block) breakBy('\n\n');
      if (block) stack.push('\n\n');
      pushChildren(stack, node);
    }
  }
  return pieces.join('');
}

/** The first child is what is taken from the stack next. */
function pushChildren(stack: (Node | string)[] | Node[], node: Node): void {
  if (!('childNodes' in node)) return;
  for (let index = node.childNodes.length - 1; index >= 0; index--) {
    const child = node.childNodes[index];
    if (child) stack.push(child);
  }
}

const attribute = (element: Element, name: string): string | null =>
  element.attrs.find((candidate) => candidate.name === name)?.value ?? null;

const isHidden = (element: Element): boolean =>
  attribute(element, 'hidden') !== null || attribute(element, 'aria-hidden') === 'true';

function* elements(root: Node): Iterable<Element> {
  const stack: Node[] = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if ('tagName' in node) yield node;
    pushChildren(stack, node);
  }
}

function textOfFirst(root: Node, tagName: string): string | null {
  for (const element of elements(root)) {
    if (element.tagName !== tagName) continue;
    const text = visibleText(element, new Set()).replace(/\s+/g, ' ').trim();
    if (text !== '') return text;
  }
  return null;
}

function metaContent(root: Node, name: string): string | null {
  for (const element of elements(root)) {
    if (element.tagName === 'meta' && attribute(element, 'name')?.toLowerCase() === name) {
      return attribute(element, 'content')?.trim() || null;
    }
  }
  return null;
}
