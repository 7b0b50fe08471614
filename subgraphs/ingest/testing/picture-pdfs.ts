import { deflateSync } from 'node:zlib';
import {
  concatTransformationMatrix,
  degrees,
  drawObject,
  PDFDocument,
  PDFName,
  popGraphicsState,
  pushGraphicsState,
  StandardFonts,
} from 'pdf-lib';

/** What is put on a page; places in points from the bottom left of a page of 600 by 800. */
export interface PageContent {
  readonly texts?: readonly { text: string; x: number; y: number; size?: number }[];
  /** Files of pictures, PNG or JPEG. */
  readonly pictures?: readonly { bytes: Uint8Array; x: number; y: number; width: number; height: number }[];
  /** By how many degrees the page is turned for showing. */
  readonly turned?: number;
}

/** A real PDF with text and pictures. */
export async function makePicturePdf(pages: readonly PageContent[]): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  for (const { texts = [], pictures = [], turned = 0 } of pages) {
    const page = pdf.addPage([600, 800]);
    for (const { bytes, ...place } of pictures) {
      const isPng = bytes[0] === 0x89;
      page.drawImage(isPng ? await pdf.embedPng(bytes) : await pdf.embedJpg(bytes), place);
    }
    for (const { text, x, y, size = 12 } of texts) page.drawText(text, { x, y, size, font });
    page.setRotation(degrees(turned));
  }
  return pdf.save();
}

/** A small PDF with a line of text and a grey picture that decodes to so many pixels a side. */
export async function makeHugePicturePdf(side: number, count: number): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  const page = pdf.addPage([600, 800]);
  page.drawText('Words beside a huge picture.', { x: 60, y: 700, size: 12, font });
  const bytes = deflateSync(new Uint8Array(side * side));
  for (let index = 0; index < count; index++) {
    const stream = pdf.context.stream(bytes, {
      ...{ Type: 'XObject', Subtype: 'Image', Width: side, Height: side },
      ...{ ColorSpace: 'DeviceGray', BitsPerComponent: 8, Filter: 'FlateDecode' },
    });
    const name = PDFName.of(`Huge${index}`);
    page.node.setXObject(name, pdf.context.register(stream));
    page.pushOperators(
      pushGraphicsState(),
      concatTransformationMatrix(200, 0, 0, 200, 50, 100 + index * 20),
      drawObject(name),
      popGraphicsState(),
    );
  }
  return pdf.save();
}
