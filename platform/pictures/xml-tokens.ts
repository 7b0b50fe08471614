/** One piece of markup or text of an XML document. */
export type XmlToken =
  | {
      readonly kind: 'open';
      /** With its prefix, as it is written. */
      readonly name: string;
      readonly attributes: ReadonlyMap<string, string>;
      readonly isEmpty: boolean;
    }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'instruction'; readonly name: string }
  | { readonly kind: 'doctype'; readonly start: number; readonly end: number; readonly hasSubset: boolean };

/** A document that is not well-formed; the message goes on a sentence. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
}

const named = new Map(Object.entries({ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }));
const nameAt = /[^\s<>/=&"'?!]+/y;
const spaceAt = /\s*/y;

/**
 * Goes through an XML document from its start to its end. It is stricter than most readers: what is not well-formed is
 * refused, so that no reader can see in a document what was not seen here.
 *
 * @see https://www.w3.org/TR/xml/
 * @throws XmlError
 */
export function* xmlTokens(source: string): Generator<XmlToken> {
  const open: string[] = [];
  let at = 0;
  while (at < source.length) {
    if (source[at] !== '<') {
      const end = indexOr(source, '<', at, source.length);
      yield { kind: 'text', text: unescapeXml(source.slice(at, end)) };
      at = end;
    } else if (source.startsWith('<!--', at)) {
      at = after(source, '-->', at + 4, 'a comment');
    } else if (source.startsWith('<![CDATA[', at)) {
      const end = after(source, ']]>', at + 9, 'a CDATA section');
      yield { kind: 'text', text: source.slice(at + 9, end - 3) };
      at = end;
    } else if (source.startsWith('<?', at)) {
      const end = after(source, '?>', at + 2, 'a processing instruction');
      yield { kind: 'instruction', name: match(source, nameAt, at + 2) };
      at = end;
    } else if (source.startsWith('<!', at)) {
      const token = readDoctype(source, at);
      yield token;
      at = token.end;
    } else if (source.startsWith('</', at)) {
      const end = after(source, '>', at, 'a closing tag');
      const name = source.slice(at + 2, end - 1).trim();
      if (open.pop() !== name) throw new XmlError(`</${name.slice(0, 40)}> closes what is not open`);
      yield { kind: 'close', name };
      at = end;
    } else {
      const { token, end } = readTag(source, at);
      if (!token.isEmpty) open.push(token.name);
      yield token;
      at = end;
    }
  }
  const last = open.pop();
  if (last !== undefined) throw new XmlError(`<${last.slice(0, 40)}> is not closed: the file may be cut off`);
}

function readTag(source: string, start: number): { token: XmlToken & { kind: 'open' }; end: number } {
  const name = match(source, nameAt, start + 1);
  if (name === '') throw new XmlError('there is a `<` without a name');
  const attributes = new Map<string, string>();
  let at = start + 1 + name.length;
  for (;;) {
    at += match(source, spaceAt, at).length;
    if (source[at] === '>') return { token: { kind: 'open', name, attributes, isEmpty: false }, end: at + 1 };
    if (source.startsWith('/>', at)) {
      return { token: { kind: 'open', name, attributes, isEmpty: true }, end: at + 2 };
    }
    const attribute = match(source, nameAt, at);
    if (attribute === '') throw new XmlError(`the tag <${name.slice(0, 40)}> is not well-formed`);
    at += attribute.length;
    at += match(source, spaceAt, at).length;
    if (source[at] !== '=') throw new XmlError(`the attribute ${attribute.slice(0, 40)} has no value`);
    at += 1 + match(source, spaceAt, at + 1).length;
    const quote = source[at];
    if (quote !== '"' && quote !== "'") {
      throw new XmlError(`the value of ${attribute.slice(0, 40)} is not in quotes`);
    }
    const end = after(source, quote, at + 1, 'a value');
    if (attributes.has(attribute))
      throw new XmlError(`the attribute ${attribute.slice(0, 40)} is there twice`);
    attributes.set(attribute, unescapeXml(source.slice(at + 1, end - 1)));
    at = end;
  }
}

function readDoctype(source: string, start: number): XmlToken & { kind: 'doctype' } {
  if (!/^<!DOCTYPE\s/i.test(source.slice(start, start + 10))) {
    throw new XmlError('there is a declaration outside of a DOCTYPE');
  }
  let quote: string | null = null;
  for (let at = start + 9; at < source.length; at++) {
    const character = source[at] ?? '';
    if (quote !== null) {
      if (character === quote) quote = null;
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '[') return { kind: 'doctype', start, end: source.length, hasSubset: true };
    else if (character === '>') return { kind: 'doctype', start, end: at + 1, hasSubset: false };
  }
  throw new XmlError('a DOCTYPE does not end');
}

/** Text with its references to characters replaced. @throws XmlError where there is another entity. */
function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^;&\s]{0,40};?)/g, (_, reference: string) => {
    const name = reference.slice(0, -1);
    const value =
      named.get(name) ??
      characterOf(/^#x([\da-f]{1,6})$/i.exec(name)?.[1], 16) ??
      characterOf(/^#(\d{1,7})$/.exec(name)?.[1], 10);
    if (value === undefined || !reference.endsWith(';')) {
      throw new XmlError(`there is an entity that XML does not know: &${reference.slice(0, 40)}`);
    }
    return value;
  });
}

function characterOf(digits: string | undefined, radix: number): string | undefined {
  const code = digits === undefined ? Number.NaN : Number.parseInt(digits, radix);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

function match(source: string, pattern: RegExp, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? '';
}

function indexOr(source: string, what: string, from: number, otherwise: number): number {
  const index = source.indexOf(what, from);
  return index < 0 ? otherwise : index;
}

/** The place behind the next `what`. */
function after(source: string, what: string, from: number, of: string): number {
  const index = source.indexOf(what, from);
  if (index < 0) throw new XmlError(`${of} does not end: the file may be cut off`);
  return index + what.length;
}
