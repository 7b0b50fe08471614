import { parentPort } from 'node:worker_threads';
import { getDocumentProxy } from 'unpdf';
import { type LoadedPage, loadPage, maxPixels } from './load-pdf-page.ts';
import { paintPdfImages } from './paint-pdf-images.ts';
import type { PdfReply, PdfRequest } from './pdf-protocol.ts';

// The thread that reads PDFs. What a hostile PDF does to it, it does to nothing else: the thread has a limit
// on memory, and whoever asks it has a limit on time.

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

let document: Pdf | undefined;
/** The page that was read last: its pictures are asked for one by one. */
let current: { readonly number: number; readonly page: LoadedPage } | undefined;

async function open(bytes: Uint8Array): Promise<PdfReply> {
  await document?.loadingTask.destroy();
  document = undefined;
  current = undefined;
  try {
    document = await getDocumentProxy(bytes, {
      verbosity: 0,
      stopAtErrors: false,
      // A larger picture is left out before it is decoded.
      maxImageSize: maxPixels,
    });
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    return name === 'PasswordException' ? { kind: 'encrypted' } : broken(error);
  }
  const information = await document.getMetadata().catch(() => null);
  const info = (information?.info ?? {}) as Record<string, unknown>;
  return { kind: 'opened', pages: document.numPages, title: word(info.Title), author: word(info.Author) };
}

async function load(number: number, withPictures: boolean): Promise<LoadedPage> {
  if (document === undefined) throw new Error('no document is open');
  if (current?.number === number) return current.page;
  // Only one page's pictures are held at a time.
  current = undefined;
  const page = await loadPage(document, number, withPictures);
  current = { number, page };
  return page;
}

async function readPage(number: number, withPictures: boolean): Promise<PdfReply> {
  const { content } = await load(number, withPictures);
  return { kind: 'page', ...content };
}

async function readPicture({
  page: number,
  picture,
  maxSide,
}: Extract<PdfRequest, { kind: 'picture' }>): Promise<PdfReply> {
  const { content, images } = await load(number, true);
  const whole = { left: 0, top: 0, width: 1, height: 1 };
  if (picture === 'all') {
    return { kind: 'picture', pixels: paintPdfImages(images, whole, content, maxSide) };
  }
  const image = images[picture];
  const box = content.pictures[picture]?.box;
  if (image === undefined || box === undefined) throw new Error(`page ${number} has no picture ${picture}`);
  return { kind: 'picture', pixels: paintPdfImages([image], box, content, maxSide) };
}

const broken = (error: unknown): PdfReply => ({
  kind: 'broken',
  detail: error instanceof Error ? error.message : String(error),
});

const word = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : null;

function answer(request: PdfRequest): Promise<PdfReply> {
  switch (request.kind) {
    case 'open':
      return open(request.bytes);
    case 'page':
      return readPage(request.page, request.pictures);
    case 'picture':
      return readPicture(request);
  }
}

parentPort?.on('message', (request: PdfRequest) => {
  answer(request)
    .catch(broken)
    .then((message) => parentPort?.postMessage(message))
    .catch(() => process.exit(1));
});
