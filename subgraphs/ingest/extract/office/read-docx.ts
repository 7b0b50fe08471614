import type { Extracted, Part } from '../../types.ts';
import { isSection } from '../../types.ts';
import { cleanText } from '../clean-text.ts';
import { extractHtml } from '../extract-html.ts';
import { askOfficeThread } from './ask-office-thread.ts';
import { readCoreProperties } from './core-properties.ts';
import { type EnclosedPicture, enclosedPicture } from './enclosed-picture.ts';
import { brokenOffice, officeLimits, openZip } from './open-zip.ts';
import { scanWhole } from './scan-part.ts';

/** All of a document is in memory while it is read. */
const limits = { ...officeLimits, maxBytes: 256 * 1024 * 1024, maxEntryBytes: 64 * 1024 * 1024 };

const main = 'word/document.xml';

/** What a picture is given with; see `enclosedPicture`. */
type PictureReaders = Parameters<typeof enclosedPicture>[1];

/**
 * Reads a document of Word: its text, tables as lines, and its pictures, each where it stands in the text.
 *
 * @throws TributaryError `REJECTED_INPUT` as `openZip`, the scanner of XML and the thread do.
 */
export async function readDocx(
  bytes: Uint8Array,
  readers: PictureReaders,
  signal: AbortSignal,
): Promise<Extracted> {
  const { title, author } = await check(bytes);
  const { html, pictures } = await askOfficeThread('docx', bytes, signal);
  const marked = markPictures(html);
  await using page = extractHtml(marked.html);
  const { text, places } = takeMarks(cleanText(await textOf(page)));

  async function* parts(): AsyncGenerator<Part> {
    if (text !== '') yield { text, page: null };
    for (const [number, { bytes: picture, failed }] of pictures.entries()) {
      const said = [marked.alternatives.get(number) ?? ''];
      const { start, end, caption } = around(text, places.get(number) ?? 0);
      if (caption !== '') said.push(caption);
      const locator = { kind: 'TextRange', start, end } as const;
      const enclosed: EnclosedPicture = { bytes: picture, locator, said };
      if (!failed) yield* enclosedPicture(enclosed, readers, signal);
    }
  }
  return {
    title: title ?? page.title,
    author,
    parts: parts(),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Looks through all of it before a parser holds it in memory: its sizes, its nesting, and that it declares no entities. */
async function check(bytes: Uint8Array) {
  await using zip = await openZip(bytes, limits);
  if (!zip.has(main)) throw brokenOffice(null, 'it has no text');
  for (const name of zip.names) {
    if (/\.(?:xml|rels)$/i.test(name)) await scanWhole(zip, name, {});
  }
  return readCoreProperties(zip);
}

async function textOf(page: Extracted): Promise<string> {
  for await (const part of page.parts) if (isSection(part)) return part.text;
  return '';
}

/** Characters that stand for nothing in any text. */
const [open, close] = ['\ue000', '\ue001'];
const mark = new RegExp(`(\\s*)${open}(\\d+)${close}(\\s*)`, 'u');

/** Puts a mark in the place of each picture. */
function markPictures(html: string): { html: string; alternatives: Map<number, string> } {
  const alternatives = new Map<number, string>();
  const marked = html
    .replace(/[\ue000\ue001]/gu, ' ')
    .replace(
      /<img\b([^>]*?)src="picture:(\d+)"([^>]*)>/g,
      (_, before: string, number: string, behind: string) => {
        const alternative = /\balt="([^"]*)"/.exec(`${before} ${behind}`)?.[1] ?? '';
        alternatives.set(Number(number), unescapeHtml(alternative));
        return `${open}${number}${close}`;
      },
    );
  return { html: marked, alternatives };
}

const unescapeHtml = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');

/** Takes the marks out of a text. @returns where they stood. */
function takeMarks(text: string): { text: string; places: Map<number, number> } {
  const places = new Map<number, number>();
  const parts: string[] = [];
  let length = 0;
  let rest = text;
  for (let found = mark.exec(rest); found !== null; found = mark.exec(rest)) {
    const [whole, before = '', number = '', behind = ''] = found;
    const kept = rest.slice(0, found.index);
    const isFirst = length === 0 && kept === '';
    const gap = isFirst ? '' : before.length > behind.length ? before : behind;
    parts.push(kept, gap);
    length += kept.length + gap.length;
    places.set(Number(number), length);
    rest = rest.slice(found.index + whole.length);
  }
  return { text: [...parts, rest].join('').trimEnd(), places };
}

const captionStart =
  /^(?:fig|abb|image|bild|picture|photo|foto|drawing|diagram|zeichnung|schema|plan|illustration)/i;
const maxCaptionLength = 300;

/** The paragraph where a picture stands: the one behind it, or before it where there is none; and its caption. */
function around(text: string, place: number): { start: number; end: number; caption: string } {
  if (place >= text.length) {
    const start = text.lastIndexOf('\n\n') + 2;
    return { start: start === 1 ? 0 : start, end: text.length, caption: '' };
  }
  const next = text.indexOf('\n\n', place);
  const end = next === -1 ? text.length : next;
  const paragraph = text.slice(place, end);
  const isCaption = paragraph.length <= maxCaptionLength && captionStart.test(paragraph);
  return { start: place, end, caption: isCaption ? paragraph : '' };
}
