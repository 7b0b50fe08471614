import { parentPort } from 'node:worker_threads';
import mammoth from 'mammoth';
import PostalMime, { type Address } from 'postal-mime';
import type { Enclosure, OfficeReply, OfficeRequest } from './office-protocol.ts';

// The thread that reads office documents with parsers that hold all of one in memory.

const maxPictures = 500;

async function readDocx(bytes: Uint8Array): Promise<OfficeReply> {
  const pictures: (Enclosure & { failed: boolean })[] = [];
  const convertImage = mammoth.images.imgElement(async (image) => {
    if (pictures.length >= maxPictures) return { src: '' };
    const number = pictures.length;
    const picture = { name: null, mediaType: image.contentType, bytes: new Uint8Array(), failed: true };
    pictures.push(picture);
    try {
      pictures[number] = {
        ...picture,
        bytes: new Uint8Array(await image.readAsArrayBuffer()),
        failed: false,
      };
    } catch {
      // A picture that is only referred to is not there: the rest of the document is.
    }
    return { src: `picture:${number}` };
  });
  const { value } = await mammoth.convertToHtml(
    { buffer: Buffer.from(bytes) },
    { convertImage, externalFileAccess: false },
  );
  return { kind: 'docx', html: value, pictures };
}

async function readEmail(bytes: Uint8Array): Promise<OfficeReply> {
  const email = await PostalMime.parse(bytes, {
    attachmentEncoding: 'arraybuffer',
    maxNestingDepth: 32,
    maxHeadersSize: 1024 * 1024,
  });
  const written = (addresses: readonly Address[] | undefined) =>
    addresses
      ?.map(({ name, address }) => (address && name ? `${name} <${address}>` : address || name))
      .join(', ') || null;
  return {
    kind: 'email',
    subject: email.subject?.trim() || null,
    from: written(email.from === undefined ? undefined : [email.from]),
    author: email.from?.name || email.from?.address || null,
    to: written(email.to),
    cc: written(email.cc),
    date: email.date ?? null,
    text: email.text?.trim() || null,
    html: email.html ?? null,
    attachments: email.attachments.map(({ filename, mimeType, content }) => ({
      name: filename,
      mediaType: mimeType.toLowerCase(),
      bytes: typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content),
    })),
  };
}

parentPort?.on('message', ({ kind, bytes }: OfficeRequest) => {
  (kind === 'docx' ? readDocx(bytes) : readEmail(bytes))
    .catch(
      (error: unknown): OfficeReply => ({
        kind: 'broken',
        detail: error instanceof Error ? error.message : String(error),
      }),
    )
    .then((reply) => parentPort?.postMessage(reply))
    .catch(() => process.exit(1));
});
