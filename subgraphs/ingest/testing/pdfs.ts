import { PDFDocument, StandardFonts } from 'pdf-lib';

/** A real PDF with the given texts as its pages, a line for each line; a page without text where it is empty. */
export async function makePdf(
  pages: readonly string[],
  about: { readonly title?: string; readonly author?: string } = {},
): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  if (about.title) pdf.setTitle(about.title);
  if (about.author) pdf.setAuthor(about.author);
  for (const text of pages) {
    const page = pdf.addPage([600, 800]);
    for (const [index, line] of text.split('\n').entries()) {
      if (line !== '') page.drawText(line, { x: 60, y: 700 - index * 16, size: 12, font });
    }
  }
  return pdf.save();
}

/** A PDF that says that it is encrypted, with a key that no empty password gives. */
export function encryptedPdf(): Uint8Array {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] >>',
    `<< /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <${'3a'.repeat(32)}> /U <${'b7'.repeat(32)}> >>`,
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((body, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return offset;
  });
  const start = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const offset of offsets) text += `${String(offset).padStart(10, '0')} 00000 n \n`;
  const id = '<00112233445566778899aabbccddeeff>';
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Encrypt 4 0 R /ID [${id} ${id}] >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}
