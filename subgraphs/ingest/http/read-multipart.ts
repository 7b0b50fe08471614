import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import busboy from 'busboy';
import { rejected } from '../../../platform/errors.ts';
import { parseName } from '../documents/attributes.ts';

/** The file of a form, as a stream. */
export interface FormFile {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly fileName: string | null;
  readonly mediaType: string | null;
}

/** The fields of a form. */
export interface FormFields {
  readonly source: string | null;
  /** What is said of the document, to be checked. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

const textFields = new Set(['title', 'author', 'publishedAt']);

/**
 * Reads a form with one file and passes it on as it comes; nothing of it is buffered. Fields may stand before and
 * behind it: `fields` resolves at the form's end, which comes when the file has been read, and rejects where
 * something in the form is wrong. Allowed: `source`, `title`, `author`, `year`, `publishedAt`, `tags` (separated by
 * commas, or several times), `metadata` (JSON), `containsPii` and `file`.
 *
 * @throws TributaryError `REJECTED_INPUT`; whatever `take` throws.
 */
export async function readMultipart<T>(
  request: Request,
  maxBytes: number,
  take: (file: FormFile, fields: () => Promise<FormFields>) => Promise<T>,
): Promise<T> {
  const form = openForm(request, maxBytes);
  const attributes: Record<string, unknown> = {};
  let source: string | null = null;
  let problem: unknown;
  let result: Promise<T> | undefined;
  const refuse = (error: unknown) => {
    problem ??= error;
  };

  // Set before the form is given anything to read.
  let read: Promise<void> | undefined;
  const fields = async (): Promise<FormFields> => {
    await read;
    if (problem !== undefined) throw problem;
    return { source, attributes };
  };

  form.on('field', (name, value) => {
    try {
      if (name === 'source') source = value;
      else setAttribute(attributes, name, value);
    } catch (error) {
      refuse(error);
    }
  });
  form.on('file', (name, stream, { filename, mimeType }) => {
    // Nobody may be reading when the form breaks off; whoever reads later is told as well.
    stream.on('error', () => {});
    if (name !== 'file' || result !== undefined || problem !== undefined) {
      if (name !== 'file') refuse(invalidForm(`The form has a file called ${name}; call it file.`));
      else if (result !== undefined) refuse(invalidForm('The form has several files; send one at a time.'));
      stream.resume();
      return;
    }
    // Leaving the loop early must not destroy the stream: the form would wait for it for ever.
    const bytes = stream.iterator({ destroyOnReturn: false });
    result = (async () => {
      const fileName = parseName(filename, 'file');
      return take({ bytes, fileName, mediaType: mimeType || null }, fields);
    })();
    // What is not read any more must still flow, or the form never ends.
    result.catch(() => stream.resume());
  });

  const body = request.body;
  if (body === null) throw invalidForm('The form is empty.');
  read = pipeline(Readable.fromWeb(body as unknown as NodeReadableStream), form).catch((cause: unknown) =>
    refuse(rejected('INVALID_FORM', 'The form is damaged, or breaks off. Send it again.', { cause })),
  );
  await read;
  if (result === undefined) {
    throw problem ?? invalidForm('The form has no file; send one in the field file.');
  }
  // What the file's reader says follows from what is wrong with the form.
  return result.catch((error: unknown) => {
    throw problem ?? error;
  });
}

function openForm(request: Request, maxBytes: number): busboy.Busboy {
  try {
    return busboy({
      headers: Object.fromEntries(request.headers),
      defParamCharset: 'utf8',
      // One byte more than is allowed, so that the store sees that there are too many.
      limits: { fileSize: maxBytes + 1, files: 4, fields: 100, fieldSize: 64 * 1024, fieldNameSize: 100 },
    });
  } catch (error) {
    throw rejected(
      'INVALID_FORM',
      'The body is no form. Send multipart/form-data with the document in the field file.',
      { cause: error },
    );
  }
}

const invalidForm = (message: string) => rejected('INVALID_FORM', message);

function setAttribute(attributes: Record<string, unknown>, name: string, value: string): void {
  if (textFields.has(name)) attributes[name] = value;
  else if (name === 'year') {
    if (!/^-?\d{1,9}$/.test(value)) throw invalidForm('The field year is no whole number.');
    attributes.year = Number(value);
  } else if (name === 'tags') {
    const tags = value
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== '');
    attributes.tags = [...(Array.isArray(attributes.tags) ? attributes.tags : []), ...tags];
  } else if (name === 'containsPii') {
    if (value !== 'true' && value !== 'false') throw invalidForm('The field containsPii is true or false.');
    attributes.containsPii = value === 'true';
  } else if (name === 'metadata') {
    try {
      attributes.metadata = JSON.parse(value);
    } catch {
      throw invalidForm('The field metadata is no valid JSON.');
    }
  } else {
    throw invalidForm(
      `There is no field ${name}. Allowed: source, title, author, year, publishedAt, tags, metadata, containsPii, file.`,
    );
  }
}
