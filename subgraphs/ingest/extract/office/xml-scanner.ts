import { rejected } from '../../../../platform/errors.ts';

/** What is told of a document, in its order. Names come without their prefix. */
export interface XmlHandlers {
  /** @param attributes as they are written; see `attribute`. */
  open?(name: string, attributes: string): void;
  close?(name: string): void;
  text?(text: string): void;
}

const maxDepth = 256;
/** No tag and no run of text may be longer. */
const maxToken = 4 * 1024 * 1024;

const broken = (why: string) =>
  rejected('BROKEN_OFFICE', `The document is broken: ${why}. Save or export it anew, and send that.`);

/**
 * Reads XML as it comes in, in pieces that end anywhere, and holds no more of it than one tag. Declarations of types
 * and entities are refused: no Office program writes them, and they can stand for endless text.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `XML_ENTITIES` or `BROKEN_OFFICE`.
 */
export class XmlScanner {
  readonly #handlers: XmlHandlers;
  #rest = '';
  #depth = 0;

  constructor(handlers: XmlHandlers) {
    this.#handlers = handlers;
  }

  write(piece: string): void {
    const source = this.#rest + piece;
    let at = 0;
    while (at < source.length) {
      const next = source.charCodeAt(at) === 0x3c ? this.#markup(source, at) : this.#characters(source, at);
      if (next === -1) break;
      at = next;
    }
    this.#rest = source.slice(at);
    if (this.#rest.length > maxToken) throw broken('a tag or a text in it does not end');
  }

  /** Says that all of it was written. */
  end(): void {
    if (this.#depth > 0 || this.#rest.trim() !== '') throw broken('it ends too early');
  }

  #characters(source: string, at: number): number {
    const end = source.indexOf('<', at);
    if (end === -1) return -1;
    this.#handlers.text?.(unescapeXml(source.slice(at, end)));
    return end;
  }

  /** @returns where the markup ends; -1 where it has not come in whole. */
  #markup(source: string, at: number): number {
    const kind = source.charAt(at + 1);
    if (kind === '') return -1;
    if (kind === '?') return behind(source, '?>', at);
    if (kind === '!') return this.#declaration(source, at);
    const end = endOfTag(source, at);
    if (end === -1) return -1;
    if (kind === '/') {
      this.#depth--;
      this.#handlers.close?.(localName(source.slice(at + 2, end)));
      return end + 1;
    }
    const isEmpty = source.charAt(end - 1) === '/';
    const tag = source.slice(at + 1, isEmpty ? end - 1 : end);
    const space = tag.search(/\s/);
    const name = localName(space === -1 ? tag : tag.slice(0, space));
    if (++this.#depth > maxDepth) throw broken(`its parts are nested more than ${maxDepth} levels deep`);
    this.#handlers.open?.(name, space === -1 ? '' : tag.slice(space));
    if (isEmpty) {
      this.#depth--;
      this.#handlers.close?.(name);
    }
    return end + 1;
  }

  #declaration(source: string, at: number): number {
    const start = source.slice(at, at + 9);
    if (start.startsWith('<!--')) return behind(source, '-->', at + 4);
    if (start === '<![CDATA[') {
      const end = source.indexOf(']]>', at);
      if (end === -1) return -1;
      this.#handlers.text?.(source.slice(at + 9, end));
      return end + 3;
    }
    if (start.length < 9) return -1;
    throw xmlEntities();
  }
}

/** The refusal of a document that declares entities. */
export const xmlEntities = () =>
  rejected(
    'XML_ENTITIES',
    'The document declares types or entities of its own, which no Office program does; it is not read. Save it anew in such a program, and send that.',
  );

const behind = (source: string, mark: string, from: number): number => {
  const at = source.indexOf(mark, from);
  return at === -1 ? -1 : at + mark.length;
};

/** Where a tag ends: at the first `>` that is not within quotes. */
function endOfTag(source: string, at: number): number {
  let quote = 0;
  for (let index = at + 1; index < source.length; index++) {
    const code = source.charCodeAt(index);
    if (quote !== 0) {
      if (code === quote) quote = 0;
    } else if (code === 0x22 || code === 0x27) quote = code;
    else if (code === 0x3e) return index;
  }
  return -1;
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1).trim();

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Text as it is meant. References to entities that XML itself does not know are refused. */
export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[\da-fA-F]{1,6}|#\d{1,7}|\w+);/g, (_, reference: string) => {
    if (!reference.startsWith('#')) {
      const character = named[reference];
      if (character === undefined) throw xmlEntities();
      return character;
    }
    const code = reference.startsWith('#x')
      ? Number.parseInt(reference.slice(2), 16)
      : Number(reference.slice(1));
    const isCharacter = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : '\ufffd';
  });
}

const patterns = new Map<string, RegExp>();

/** What finds an attribute. There are few names, and many tags. */
function patternOf(name: string): RegExp {
  const known = patterns.get(name);
  if (known !== undefined) return known;
  const made = new RegExp(`(?:^|\\s)(?:[\\w.-]+:)?${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`);
  patterns.set(name, made);
  return made;
}

/** An attribute of a tag, by its name without its prefix; null where it is not there. */
export function attribute(attributes: string, name: string): string | null {
  const found = patternOf(name).exec(attributes);
  return found === null ? null : unescapeXml(found[1] ?? found[2] ?? '');
}
