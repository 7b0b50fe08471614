import { makeZip, type ZipPart } from './make-zip.ts';

type Parts = Readonly<Record<string, string | Uint8Array | ZipPart>>;

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const relationsSpace = 'http://schemas.openxmlformats.org/package/2006/relationships';
const documentRelations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const types = 'application/vnd.openxmlformats-officedocument';

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const contentTypes = (overrides: Readonly<Record<string, string>>): string =>
  `${xml}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>${Object.entries(
    overrides,
  )
    .map(([part, type]) => `<Override PartName="${part}" ContentType="${type}"/>`)
    .join('')}</Types>`;

const relations = (list: readonly (readonly [id: string, type: string, target: string])[]): string =>
  `${xml}<Relationships xmlns="${relationsSpace}">${list
    .map(
      ([id, type, target]) =>
        `<Relationship Id="${id}" Type="${documentRelations}/${type}" Target="${target}"/>`,
    )
    .join('')}</Relationships>`;

const core = (title: string, author: string): string =>
  `${xml}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${escapeXml(title)}</dc:title><dc:creator>${escapeXml(author)}</dc:creator></cp:coreProperties>`;

export interface SheetFile {
  readonly name: string;
  /** The rows and what stands behind them, as the format has them. */
  readonly rows: string;
  readonly behind?: string;
  readonly hidden?: boolean;
}

/** A workbook with these sheets; `strings` are what cells of type `s` name, styles 1 to 4 are date, date and time, percentage and currency. */
export function makeXlsx(
  sheets: readonly SheetFile[],
  strings: readonly string[],
  others: Parts = {},
): Buffer {
  const parts: Record<string, string | Uint8Array | ZipPart> = {
    '[Content_Types].xml': contentTypes({
      '/xl/workbook.xml': `${types}.spreadsheetml.sheet.main+xml`,
      '/xl/worksheets/sheet1.xml': `${types}.spreadsheetml.worksheet+xml`,
    }),
    '_rels/.rels': relations([['rId1', 'officeDocument', 'xl/workbook.xml']]),
    'docProps/core.xml': core('Spare parts', 'Ann Weaver'),
    'xl/workbook.xml': `${xml}<workbook xmlns:r="${documentRelations}"><sheets>${sheets
      .map(
        ({ name, hidden }, index) =>
          `<sheet name="${escapeXml(name)}" sheetId="${index + 1}"${hidden === true ? ' state="hidden"' : ''} r:id="rId${index + 1}"/>`,
      )
      .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations([
      ...sheets.map(
        (_, index) => [`rId${index + 1}`, 'worksheet', `worksheets/sheet${index + 1}.xml`] as const,
      ),
      ['rStrings', 'sharedStrings', 'sharedStrings.xml'],
      ['rStyles', 'styles', 'styles.xml'],
    ]),
    'xl/sharedStrings.xml': `${xml}<sst>${strings.map((text) => `<si><r><t>${escapeXml(text.slice(0, 2))}</t></r><r><t xml:space="preserve">${escapeXml(text.slice(2))}</t></r></si>`).join('')}</sst>`,
    'xl/styles.xml': `${xml}<styleSheet><numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy\\ hh:mm"/><numFmt numFmtId="165" formatCode="[$€-407]#,##0.00"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="10"/><xf numFmtId="165"/></cellXfs></styleSheet>`,
  };
  for (const [index, { rows, behind = '' }] of sheets.entries()) {
    parts[`xl/worksheets/sheet${index + 1}.xml`] =
      `${xml}<worksheet><sheetData>${rows}</sheetData>${behind}</worksheet>`;
  }
  return makeZip({ ...parts, ...others });
}

/** A document of Word with this body, and this picture as `rId9`. */
export function makeDocx(body: string, picture: Uint8Array, others: Parts = {}): Buffer {
  return makeZip({
    '[Content_Types].xml': contentTypes({
      '/word/document.xml': `${types}.wordprocessingml.document.main+xml`,
    }),
    '_rels/.rels': relations([['rId1', 'officeDocument', 'word/document.xml']]),
    'docProps/core.xml': core('Pump manual', 'Ann Weaver'),
    'word/_rels/document.xml.rels': relations([['rId9', 'image', 'media/image1.png']]),
    'word/media/image1.png': picture,
    'word/document.xml': `${xml}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" xmlns:r="${documentRelations}"><w:body>${body}</w:body></w:document>`,
    ...others,
  });
}

export const paragraph = (text: string): string => `<w:p><w:r><w:t>${escapeXml(text)}</w:t></w:r></w:p>`;

/** A paragraph with the picture in it. */
export const pictureParagraph = (alternative: string): string =>
  `<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="Picture 1" descr="${escapeXml(alternative)}"/><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:blipFill><a:blip r:embed="rId9"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>`;

/** A table of Word. */
export const wordTable = (rows: readonly (readonly string[])[]): string =>
  `<w:tbl>${rows.map((row) => `<w:tr>${row.map((text) => `<w:tc>${paragraph(text)}</w:tc>`).join('')}</w:tr>`).join('')}</w:tbl>`;

export interface SlideFile {
  readonly title: string;
  readonly lines: readonly string[];
  readonly notes?: string;
  /** The alternative text of the picture, where it has one. */
  readonly picture?: string;
}

/** A presentation; its slides are kept in another order than they are shown in. */
export function makePptx(slides: readonly SlideFile[], picture: Uint8Array): Buffer {
  const partOf = (index: number) => slides.length - index;
  const texts = (lines: readonly string[]) =>
    lines.map((line) => `<a:p><a:r><a:t>${escapeXml(line)}</a:t></a:r></a:p>`).join('');
  const shape = (type: string, lines: readonly string[]) =>
    `<p:sp><p:nvSpPr><p:cNvPr id="1" name="x"/><p:nvPr><p:ph type="${type}"/></p:nvPr></p:nvSpPr><p:txBody>${texts(lines)}</p:txBody></p:sp>`;
  const parts: Record<string, string | Uint8Array> = {
    '[Content_Types].xml': contentTypes({
      '/ppt/presentation.xml': `${types}.presentationml.presentation.main+xml`,
    }),
    '_rels/.rels': relations([['rId1', 'officeDocument', 'ppt/presentation.xml']]),
    'ppt/presentation.xml': `${xml}<p:presentation xmlns:r="${documentRelations}"><p:sldIdLst>${slides.map((_, index) => `<p:sldId id="${256 + index}" r:id="rId${index + 1}"/>`).join('')}</p:sldIdLst></p:presentation>`,
    'ppt/_rels/presentation.xml.rels': relations(
      slides.map((_, index) => [`rId${index + 1}`, 'slide', `slides/slide${partOf(index)}.xml`] as const),
    ),
    'ppt/media/image1.png': picture,
  };
  for (const [index, slide] of slides.entries()) {
    const part = partOf(index);
    const shown =
      slide.picture === undefined
        ? ''
        : `<p:pic><p:nvPicPr><p:cNvPr id="4" name="Picture" descr="${escapeXml(slide.picture)}"/></p:nvPicPr><p:blipFill><a:blip r:embed="rPicture"/></p:blipFill></p:pic>`;
    parts[`ppt/slides/slide${part}.xml`] =
      `${xml}<p:sld><p:cSld><p:spTree>${shape('body', slide.lines)}${shape('title', [slide.title])}${shape('sldNum', [String(index + 1)])}${shown}</p:spTree></p:cSld></p:sld>`;
    parts[`ppt/slides/_rels/slide${part}.xml.rels`] = relations([
      ['rPicture', 'image', '../media/image1.png'],
      ['rNotes', 'notesSlide', `../notesSlides/notesSlide${part}.xml`],
    ]);
    if (slide.notes !== undefined) {
      parts[`ppt/notesSlides/notesSlide${part}.xml`] =
        `${xml}<p:notes><p:cSld><p:spTree>${shape('body', [slide.notes])}${shape('sldNum', ['7'])}</p:spTree></p:cSld></p:notes>`;
    }
  }
  return makeZip(parts);
}
