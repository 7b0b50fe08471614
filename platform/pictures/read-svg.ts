import { brokenPicture, externalReference } from './picture-refusals.ts';
import { XmlError, type XmlToken, xmlTokens } from './xml-tokens.ts';

/** An SVG that refers to nothing outside of itself. */
export interface SafeSvg {
  /** The document without its XML declaration and DOCTYPE. */
  readonly source: string;
  /** Its `<title>` and those of its large parts; programs name every line and arrow deeper within. */
  readonly titles: readonly string[];
  /** Its `<desc>` and those of its parts. */
  readonly descriptions: readonly string[];
  /** What its `<text>` elements draw, in the order of the document. */
  readonly lines: readonly string[];
}

const maxCharacters = 16 * 1024 * 1024;
const maxTexts = 1000;
/** The `<svg>` is at depth 1; a title within a group of it at 3. */
const maxTitleDepth = 3;
/** What is drawn in place; an SVG within an SVG could refer to anything again. */
const embedded = /^data:image\/(?:png|jpeg|jpg|gif|webp)[;,]/i;

/**
 * Checks an SVG before any reader of SVG sees it: no entities, no script, and no reference to anything but its own parts
 * and pictures that are embedded. Links that a person would follow (`<a href>`) are loaded by nobody, and may stay. So may
 * the DOCTYPE of SVG itself, which many programs write; it is left out of what is given.
 *
 * @see https://www.w3.org/TR/SVG2/linking.html
 * @throws TributaryError `REJECTED_INPUT` with reason `EXTERNAL_REFERENCE` or `BROKEN_PICTURE`.
 */
export function readSvg(text: string): SafeSvg {
  if (text.length > maxCharacters) {
    throw brokenPicture(`as SVG at most ${maxCharacters} characters are read, and it has ${text.length}`);
  }
  const source = text.replace(/^\ufeff?\s*(?:<\?xml\s[^>]*\?>)?/, '');
  const titles: string[] = [];
  const descriptions: string[] = [];
  const lines: string[] = [];
  let depth = 0;
  let doctype: { readonly start: number; readonly end: number } | null = null;
  /** The element that the text which comes belongs to. */
  let inside: 'title' | 'desc' | 'style' | 'text' | null = null;
  let gathered = '';
  let hasRoot = false;
  try {
    for (const token of xmlTokens(source)) {
      if (token.kind === 'doctype') {
        if (token.hasSubset) throw externalReference('entities or other declarations in its DOCTYPE');
        if (hasRoot || doctype !== null) throw brokenPicture('it has a DOCTYPE where none can stand');
        doctype = token;
      } else if (token.kind === 'instruction') {
        if (token.name.toLowerCase() === 'xml-stylesheet')
          throw externalReference('a style sheet outside of it');
      } else if (token.kind === 'open') {
        const name = localName(token.name);
        if (!hasRoot && name !== 'svg')
          throw brokenPicture(`it begins with <${token.name}>, and not with <svg>`);
        hasRoot = true;
        checkElement(name, token);
        if (token.isEmpty) continue;
        depth++;
        if (name === 'title' || name === 'desc' || name === 'style' || name === 'text') {
          [inside, gathered] = [name, ''];
        } else if (inside === 'text') gathered += ' ';
      } else if (token.kind === 'text') {
        if (inside !== null) gathered += token.text;
      } else {
        if (localName(token.name) === inside) {
          if (inside === 'style') checkStyle(gathered);
          else if (inside !== 'title' || depth <= maxTitleDepth) {
            keep({ title: titles, desc: descriptions, text: lines }[inside], gathered);
          }
          inside = null;
        }
        depth--;
      }
    }
  } catch (error) {
    if (error instanceof XmlError) throw brokenPicture(error.message, error);
    throw error;
  }
  if (!hasRoot) throw brokenPicture('there is no <svg> in it');
  const safe = doctype === null ? source : source.slice(0, doctype.start) + source.slice(doctype.end);
  return { source: safe, titles, descriptions, lines };
}

function keep(list: string[], text: string): void {
  const words = text.replace(/\s+/g, ' ').trim();
  if (words !== '' && list.length < maxTexts) list.push(words);
}

const localName = (name: string): string => name.slice(name.lastIndexOf(':') + 1).toLowerCase();

function checkElement(name: string, { name: written, attributes }: XmlToken & { kind: 'open' }): void {
  if (name === 'script' || name === 'handler') throw externalReference('a script in it');
  if (name === 'include') throw externalReference(`<${written}>, which includes other files`);
  for (const [attribute, value] of attributes) {
    const of = localName(attribute);
    if (/^on[a-z]+$/.test(of)) throw externalReference(`a script in the attribute ${attribute}`);
    if (attribute.toLowerCase() === 'xmlns' || attribute.toLowerCase().startsWith('xmlns:')) continue;
    if (of === 'href' || of === 'src' || of === 'data') checkReference(name, attribute, value);
    else if (of === 'base') throw externalReference(`the attribute ${attribute}, which moves its references`);
    else checkStyle(value);
  }
}

function checkReference(name: string, attribute: string, value: string): void {
  // Readers leave white space and control characters out of addresses.
  const target = [...value].filter((character) => character > ' ').join('');
  if (/^(?:java|vb)script:/i.test(target)) throw externalReference(`a script in the attribute ${attribute}`);
  if (target === '' || target.startsWith('#') || embedded.test(target)) return;
  if (name === 'a' && attribute !== 'src') return;
  throw externalReference(`a reference to ${JSON.stringify(shortened(target))} in <${name} ${attribute}>`);
}

/** What style sheets, `style` and the presentation attributes refer to. */
function checkStyle(text: string): void {
  if (!/[@\\(]/.test(text)) return;
  const style = text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\\([\da-f]{1,6})\s?/gi, (_, digits: string) => {
      const code = Number.parseInt(digits, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
    })
    .replace(/\\(.)/g, '$1');
  if (/@import/i.test(style)) throw externalReference('a style sheet that imports another one');
  for (const [, target = ''] of style.matchAll(/url\s*\(\s*["']?\s*([^"')]*)/gi)) {
    if (target.trim() === '' || target.startsWith('#') || embedded.test(target)) continue;
    throw externalReference(`a reference to ${JSON.stringify(shortened(target))} in a style`);
  }
}

const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
