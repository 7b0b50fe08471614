import { parentPort } from 'node:worker_threads';
import { getDocumentProxy } from 'unpdf';
import { layOutPage } from './lay-out-page.ts';
import type { PdfReply, PdfRequest } from './pdf-protocol.ts';

// The thread that reads PDFs. What a hostile PDF does to it, it does to nothing else: the thread has a limit
// on memory, and whoever asks it has a limit on time.

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

let document: Pdf | undefined;

async function open(bytes: Uint8Array): Promise<PdfReply> {
  await document?.loadingTask.destroy();
  document = undefined;
  try {
    document = await getDocumentProxy(bytes, { verbosity: 0, stopAtErrors: false });
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    return name === 'PasswordException' ? { kind: 'encrypted' } : broken(error);
  }
  const information = await document.getMetadata().catch(() => null);
  const info = (information?.info ?? {}) as Record<string, unknown>;
  return { kind: 'opened', pages: document.numPages, title: word(info.Title), author: word(info.Author) };
}

async function readPage(number: number): Promise<PdfReply> {
  if (document === undefined) return broken(new Error('no document is open'));
  try {
    const page = await document.getPage(number);
    const content = await page.getTextContent();
    const { width, height, transform } = page.getViewport({ scale: 1 });
    const items = content.items.flatMap((item) => ('str' in item ? [item] : []));
    const laidOut = layOutPage(items, { width, height, transform });
    page.cleanup();
    return { kind: 'page', ...laidOut };
  } catch (error) {
    return broken(error);
  }
}

const broken = (error: unknown): PdfReply => ({
  kind: 'broken',
  detail: error instanceof Error ? error.message : String(error),
});

const word = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : null;

parentPort?.on('message', (request: PdfRequest) => {
  const reply = request.kind === 'open' ? open(request.bytes) : readPage(request.page);
  reply
    .catch(broken)
    .then((message) => parentPort?.postMessage(message))
    .catch(() => process.exit(1));
});
