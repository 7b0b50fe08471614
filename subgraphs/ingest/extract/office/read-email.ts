import { TributaryError } from '../../../../platform/errors.ts';
import type { Extracted, Gap, Part } from '../../types.ts';
import { isSection } from '../../types.ts';
import { cleanText } from '../clean-text.ts';
import { decodeText } from '../decode-text.ts';
import { extractHtml } from '../extract-html.ts';
import { askOfficeThread } from './ask-office-thread.ts';
import { enclosedPicture } from './enclosed-picture.ts';
import type { Enclosure } from './office-protocol.ts';

/** A longer text is a document of its own. */
const maxTextBytes = 1024 * 1024;
const maxNamed = 200;

/** What pictures are read with; see `enclosedPicture`. */
type PictureReaders = Parameters<typeof enclosedPicture>[1];

/**
 * Reads an e-mail: who wrote it to whom, its text, the texts and pictures that come with it. What else does is a gap.
 *
 * @throws TributaryError `REJECTED_INPUT` as the thread does.
 */
export async function readEmail(
  bytes: Uint8Array,
  readers: PictureReaders,
  signal: AbortSignal,
): Promise<Extracted> {
  const email = await askOfficeThread('email', bytes, signal);
  const body = email.text ?? (email.html === null ? '' : await textOfHtml(email.html));
  const names = email.attachments.map(
    ({ name, mediaType }, index) => oneLine(name) || `${mediaType} ${index + 1}`,
  );
  const lines = [
    ['From', email.from],
    ['To', email.to],
    ['Cc', email.cc],
    ['Date', email.date],
    ['Subject', email.subject],
  ].flatMap(([label, value]) => (value ? [`${label}: ${oneLine(value)}`] : []));
  const listed = names.slice(0, maxNamed).join(', ');
  const head = [lines.join('\n'), body, listed === '' ? '' : `Attachments: ${listed}`].filter(
    (part) => part !== '',
  );
  const gaps: Gap[] = [];
  const texts = email.attachments.flatMap((attachment, index) => {
    const text = isText(attachment) ? textOf(attachment) : null;
    if (text !== null) return [`${names[index] ?? ''}:\n${text}`];
    if (!isPicture(attachment)) gaps.push(notRead(names[index] ?? ''));
    return [];
  });
  const text = cleanText([...head, ...texts].join('\n\n'));

  async function* parts(): AsyncGenerator<Part> {
    if (text !== '') yield { text, page: null };
    // Names stand in the order of the attachments: each is looked for behind the one before.
    let place = text.lastIndexOf(`Attachments: ${listed}`) + 'Attachments: '.length;
    for (const [index, attachment] of email.attachments.entries()) {
      const name = names[index] ?? '';
      const start = Math.max(0, index < maxNamed ? text.indexOf(name, place) : 0);
      const end = index < maxNamed ? start + name.length : text.length;
      place = end;
      if (!isPicture(attachment)) continue;
      const said = /\.\w+$/.test(name) ? name.replace(/\.\w+$/, '').replace(/[-_]+/g, ' ') : '';
      const locator = { kind: 'TextRange', start, end } as const;
      yield* enclosedPicture({ bytes: attachment.bytes, locator, said: [said] }, readers, signal);
    }
    yield* gaps;
  }
  return {
    title: email.subject,
    author: email.author,
    parts: parts(),
    [Symbol.asyncDispose]: async () => {},
  };
}

const oneLine = (text: string | null): string =>
  (text ?? '')
    .replace(/[\s\0]+/gu, ' ')
    .trim()
    .slice(0, 1_000);

const isPicture = ({ mediaType }: Enclosure): boolean => mediaType.startsWith('image/');

const isText = ({ mediaType, bytes, name }: Enclosure): boolean =>
  bytes.length <= maxTextBytes &&
  (mediaType === 'text/markdown' ||
    (mediaType === 'text/plain' && !/\.(?:csv|tsv|json|html?)$/i.test(name ?? '')));

/** The text of an attachment; null where it is none. */
function textOf({ bytes }: Enclosure): string | null {
  try {
    return decodeText(bytes).trim() || null;
  } catch (error) {
    if (error instanceof TributaryError) return null;
    throw error;
  }
}

const notRead = (name: string): Gap => ({
  code: 'ATTACHMENT_NOT_READ',
  message: `The attachment ${JSON.stringify(name.slice(0, 100))} was not read. Send it as a document of its own.`,
  locator: null,
});

async function textOfHtml(html: string): Promise<string> {
  await using page = extractHtml(html);
  for await (const part of page.parts) if (isSection(part)) return part.text;
  return '';
}
