import { type getDocumentProxy, getResolvedPDFJS } from 'unpdf';
import { findPdfImages } from './find-pdf-images.ts';
import { KeptPdfImages, type ObjectStore } from './kept-pdf-images.ts';
import { layOutPage } from './lay-out-page.ts';
import { boxOfImage, type Matrix, type PlacedImage } from './paint-pdf-images.ts';
import type { PdfPage } from './pdf-protocol.ts';

/** A page with its pictures, decoded. */
export interface LoadedPage {
  readonly content: PdfPage;
  readonly images: readonly PlacedImage[];
}

/** A picture with more pixels is not decoded. */
export const maxPixels = 40_000_000;

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;
type Page = Awaited<ReturnType<Pdf['getPage']>>;

// PDF.js asks for what Node 20 does not have yet (it came with Node 21): without it, pages with fonts are given up.
if (!('transferToFixedLength' in ArrayBuffer.prototype)) {
  Object.defineProperty(ArrayBuffer.prototype, 'transferToFixedLength', {
    configurable: true,
    writable: true,
    value(this: ArrayBuffer, length = this.byteLength): ArrayBuffer {
      const copy = new Uint8Array(length);
      copy.set(new Uint8Array(this, 0, Math.min(length, this.byteLength)));
      return copy.buffer;
    },
  });
}

/**
 * Reads one page: its text, and its pictures with where they stand. Where only its pictures cannot be read, it has none.
 *
 * @throws where the page cannot be read.
 */
export async function loadPage(document: Pdf, number: number, withPictures: boolean): Promise<LoadedPage> {
  const page = await document.getPage(number);
  try {
    const text = await page.getTextContent();
    const { width, height, transform } = page.getViewport({ scale: 1 });
    const items = text.items.flatMap((item) => ('str' in item ? [item] : []));
    const laidOut = layOutPage(items, { width, height, transform });
    const none = { images: [], lost: 1 };
    const { images, lost } = withPictures ? await loadImages(page, transform).catch(() => none) : none;
    const size = { width, height };
    const pictures = images.map((placed) => ({
      box: boxOfImage(placed, size),
      ...{ width: placed.image.width, height: placed.image.height },
    }));
    return { content: { ...laidOut, ...size, pictures, lostPictures: lost }, images };
  } finally {
    page.cleanup();
  }
}

async function loadImages(
  page: Page,
  viewport: readonly number[],
): Promise<{ images: PlacedImage[]; lost: number }> {
  const own = KeptPdfImages.of(page.objs as ObjectStore);
  const shared = KeptPdfImages.of(page.commonObjs as ObjectStore);
  own.clear();
  const { OPS } = await getResolvedPDFJS();
  const list = await page.getOperatorList({ annotationMode: 0 });
  const [a = 1, b = 0, c = 0, d = -1, e = 0, f = 0] = viewport;
  const matrix: Matrix = [a, b, c, d, e, f];
  try {
    const images = await findPdfImages(list, OPS, matrix, async (named, isMask) => {
      const name = nameOf(named);
      if (name === null) return own.shrink(named, isMask);
      return (name.startsWith('g_') ? shared : own).get(name);
    });
    return { images, lost: own.lost };
  } finally {
    own.clear();
  }
}

/** The name under which a picture is kept; null for one that the list of operators holds itself. */
function nameOf(named: unknown): string | null {
  if (typeof named === 'string') return named;
  const { data } = Object(named) as { data?: unknown };
  return typeof data === 'string' ? data : null;
}
