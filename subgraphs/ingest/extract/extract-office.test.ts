import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSharpPictureDecoder } from '../../../platform/pictures/sharp-picture-decoder.ts';
import { createIngestBench, type IngestBench } from '../testing/ingest-bench.ts';
import { ingest, ingestRaw, type SeenJob, search, upload } from '../testing/operations.ts';
import { makeZip } from './testing/make-zip.ts';
import {
  makeDocx,
  makePptx,
  makeXlsx,
  paragraph,
  pictureParagraph,
  wordTable,
} from './testing/office-files.ts';

const pictures = createSharpPictureDecoder();
let bench: IngestBench;
let png: Buffer;
beforeAll(async () => {
  bench = await createIngestBench({ pictures });
  png = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#aa2200' } })
    .png()
    .toBuffer();
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await pictures[Symbol.asyncDispose]();
});

interface SeenDocument {
  readonly title: string;
  readonly author: string | null;
  readonly modality: string;
  readonly gaps: readonly { readonly code: string; readonly message: string }[];
}

async function store(fileName: string, bytes: Uint8Array) {
  const job = await ingest(bench, { uploadId: await upload(bench, fileName, bytes) });
  expect(job.error).toBeNull();
  const { document } = await bench.run<{ document: SeenDocument }>(
    'query ($id: ID!) { document(id: $id) { title author modality gaps { code message } } }',
    { id: job.document.id },
  );
  const { rows: chunks } = await bench.database.forWorker((client) =>
    client.query<{
      id: string;
      modality: string;
      family: string;
      text: string | null;
      locator: Record<string, unknown>;
      cells: { rows: Record<string, unknown>[] } | null;
      preview_key: string | null;
    }>('select * from chunks where document_id = $1 order by ordinal', [job.document.id]),
  );
  return { document, chunks, rows: chunks.flatMap(({ cells }) => cells?.rows ?? []) };
}

async function refusal(fileName: string, bytes: Uint8Array): Promise<string> {
  const accepted = await ingestRaw(bench, { uploadId: await upload(bench, fileName, bytes) });
  if (accepted.__typename !== 'IngestJob') return accepted.code;
  const job: SeenJob = await ingest(bench, { uploadId: await upload(bench, fileName, bytes) });
  return job.error?.code ?? job.state;
}

const cell = (reference: string, type: string, value: string, style = 0) =>
  `<c r="${reference}" t="${type}" s="${style}"><v>${value}</v></c>`;
const row = (number: number, ...cells: readonly string[]) => `<row r="${number}">${cells.join('')}</row>`;

describe('XLSX', () => {
  it('has its sheets with types, formulas’ values, joined cells, and says what is hidden', async () => {
    const strings = ['Part', 'Price', 'Since', 'Seen', 'Share', 'Group', 'Bolt & nut', 'Washer', 'Fasteners'];
    const bytes = makeXlsx(
      [
        {
          name: 'Parts <2026>',
          rows: [
            row(
              3,
              ...['A', 'B', 'C', 'D', 'E', 'F'].map((letter, index) => cell(`${letter}3`, 's', `${index}`)),
            ),
            row(
              4,
              cell('A4', 's', '6'),
              `<c r="B4" s="4"><f>1+2</f><v>1200.5</v></c>`,
              cell('C4', 'n', '46053', 1),
              cell('D4', 'n', '46053.5', 2),
              cell('E4', 'n', '0.25', 3),
              cell('F4', 's', '8'),
            ),
            row(
              5,
              cell('A5', 's', '7'),
              `<c r="B5" t="str"><f>A1</f><v>on request</v></c>`,
              '<c r="D5" t="b"><v>1</v></c>',
            ),
          ].join(''),
          behind: '<mergeCells count="1"><mergeCell ref="F4:F5"/></mergeCells>',
        },
        { name: 'Secret', rows: row(1, cell('A1', 'n', '1')), hidden: true },
      ],
      strings,
    );
    const { document, chunks, rows } = await store('parts.xlsx', bytes);
    expect(document).toMatchObject({ title: 'Spare parts', author: 'Ann Weaver', modality: 'TABLE' });
    expect(document.gaps).toMatchObject([{ code: 'HIDDEN_SHEET' }]);
    expect(rows).toEqual([
      {
        ...{ part: 'Bolt & nut', price: 1200.5, since: '2026-01-31', seen: '2026-01-31T12:00:00' },
        ...{ share: 0.25, group: 'Fasteners' },
      },
      { part: 'Washer', price: 'on request', seen: true, group: 'Fasteners' },
    ]);
    expect(chunks[0]).toMatchObject({
      modality: 'TABLE',
      text: expect.stringContaining('Parts <2026>: Part, Price, Since, Seen, Share, Group\nPart: Bolt & nut'),
      locator: {
        ...{ kind: 'CellRange', sheet: 'Parts <2026>', firstRow: 4, firstColumn: 1, lastColumn: 6 },
      },
    });
    expect(chunks.at(-1)?.text).toContain('Share: percent; 1 value; 1 empty; from 0.25 to 0.25');
    const found = await search(bench, 'washer');
    expect(chunks.map(({ id }) => id)).toContain(found[0]?.chunkId);
  });
});

describe('DOCX', () => {
  it('is text with its tables, and its pictures where they stand', async () => {
    const body = [
      paragraph('The pump moves coolant to the exchanger.'),
      pictureParagraph('A red rectangle'),
      paragraph('Figure 1: the housing of the pump'),
      wordTable([
        ['Part', 'Torque'],
        ['Bolt M8', '25 Nm'],
      ]),
    ].join('');
    const { document, chunks } = await store('manual.docx', makeDocx(body, png));
    expect(document).toMatchObject({
      title: 'Pump manual',
      author: 'Ann Weaver',
      modality: 'TEXT',
      gaps: expect.any(Array),
    });
    const text = chunks.find(({ modality }) => modality === 'TEXT')?.text ?? '';
    expect(text).toContain('moves coolant to the exchanger.\n\nFigure 1');
    expect(text).toMatch(/Bolt M8\s+25 Nm/);
    const picture = chunks.find(({ family }) => family === 'image');
    expect(picture).toMatchObject({
      modality: 'IMAGE',
      text: 'A red rectangle\nFigure 1: the housing of the pump',
      locator: { kind: 'TextRange' },
      preview_key: expect.any(String),
    });
    const { start, end } = picture!.locator as { start: number; end: number };
    expect(text.slice(start, end)).toBe('Figure 1: the housing of the pump');
    const found = await search(bench, 'red rectangle');
    expect(chunks.map(({ id }) => id)).toContain(found[0]?.chunkId);
  });

  it('has a gap for a picture that is none', async () => {
    const { document } = await store(
      'broken-picture.docx',
      makeDocx(paragraph('Words.') + pictureParagraph('Lost'), Buffer.from('no picture')),
    );
    expect(document.gaps.map(({ code }) => code)).toContain('PICTURE_UNREADABLE');
  });
});

describe('PPTX', () => {
  it('has its slides in their order, with titles, notes and pictures', async () => {
    const bytes = makePptx(
      [
        { title: 'Start-up', lines: ['Open valve V-3', 'Wait for pressure'], notes: 'Mention the alarm' },
        { title: 'Shutdown', lines: ['Close it again'], picture: 'A red plate' },
      ],
      png,
    );
    const { document, chunks } = await store('training.pptx', bytes);
    expect(document.title).toBe('Start-up');
    const texts = chunks.filter(({ modality }) => modality === 'TEXT');
    expect(texts.map(({ text }) => text)).toEqual([
      'Start-up\n\nOpen valve V-3\nWait for pressure\n\nNotes: Mention the alarm',
      'Shutdown\n\nClose it again',
    ]);
    expect(texts.map(({ locator }) => locator)).toEqual([
      { kind: 'PageRegion', page: 1, box: null },
      { kind: 'PageRegion', page: 2, box: null },
    ]);
    expect(chunks.find(({ family }) => family === 'image')).toMatchObject({
      ...{ text: 'A red plate', locator: { kind: 'PageRegion', page: 2, box: null } },
    });
  });
});

describe('e-mail', () => {
  it('has its text, who wrote it, and what came with it', async () => {
    const lines = [
      ...[
        'From: Ann Weaver <ann@example.com>',
        'To: Bob <bob@example.com>',
        'Subject: =?UTF-8?Q?St=C3=B6rung_an_P-101?=',
      ],
      ...['Date: Mon, 23 Nov 2026 08:00:00 +0000', 'MIME-Version: 1.0'],
      ...[
        'Content-Type: multipart/mixed; boundary="B"',
        '',
        '--B',
        'Content-Type: text/html; charset=utf-8',
        '',
      ],
      ...[
        '<p>The pump <b>leaks</b> at the seal.</p>',
        '--B',
        'Content-Type: image/png; name="leaking-seal.png"',
      ],
      ...[
        'Content-Disposition: attachment; filename="leaking-seal.png"',
        'Content-Transfer-Encoding: base64',
        '',
      ],
      ...[png.toString('base64'), '--B', 'Content-Type: text/csv; name="log.csv"'],
      ...['Content-Disposition: attachment; filename="log.csv"', '', 'a,b', '--B'],
      ...[
        'Content-Type: text/plain; name="notes.txt"',
        'Content-Disposition: attachment; filename="notes.txt"',
        '',
      ],
      ...['Ordered a new seal.', '--B--', ''],
    ];
    const { document, chunks } = await store('mail.eml', Buffer.from(lines.join('\r\n')));
    expect(document).toMatchObject({ title: 'Störung an P-101', author: 'Ann Weaver' });
    const text = chunks.find(({ modality }) => modality === 'TEXT')?.text ?? '';
    expect(text).toContain('From: Ann Weaver <ann@example.com>');
    expect(text).toContain('The pump leaks at the seal.');
    expect(text).toContain('notes.txt:\nOrdered a new seal.');
    const picture = chunks.find(({ family }) => family === 'image');
    expect(picture?.text).toBe('leaking seal');
    const { start, end } = picture!.locator as { start: number; end: number };
    expect(text.slice(start, end)).toBe('leaking-seal.png');
    expect(document.gaps.find(({ code }) => code === 'ATTACHMENT_NOT_READ')?.message).toContain('log.csv');
  });
});

describe('office documents that are refused', () => {
  const zeros = Buffer.alloc(64 * 1024 * 1024, ' ');
  const rows = row(1, cell('A1', 'n', '1'));
  const laughs = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet><sheetData><row><c t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>`;

  it.each([
    [
      'a zip bomb as XLSX',
      'a.xlsx',
      () => makeXlsx([{ name: 'A', rows }], [], { 'xl/worksheets/sheet1.xml': zeros }),
      'ZIP_BOMB',
    ],
    [
      'a zip bomb as DOCX',
      'a.docx',
      () => makeDocx(paragraph('x'), png, { 'word/document.xml': zeros }),
      'ZIP_BOMB',
    ],
    [
      'a zip bomb that says it is small',
      'a.xlsx',
      () =>
        makeXlsx([{ name: 'A', rows }], [], {
          'xl/worksheets/sheet1.xml': { content: zeros, claimedBytes: 1000 },
        }),
      'BROKEN_OFFICE',
    ],
    [
      'a document with 20,000 parts',
      'a.docx',
      () =>
        makeDocx(
          paragraph('x'),
          png,
          Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`word/x${index}`, ''])),
        ),
      'ZIP_BOMB',
    ],
    [
      'parts that lead out of it',
      'a.docx',
      () => makeDocx(paragraph('x'), png, { '../../etc/passwd': 'x' }),
      'BROKEN_OFFICE',
    ],
    [
      'entities within entities as XLSX',
      'a.xlsx',
      () => makeXlsx([{ name: 'A', rows }], [], { 'xl/worksheets/sheet1.xml': laughs }),
      'XML_ENTITIES',
    ],
    [
      'entities within entities as DOCX',
      'a.docx',
      () => makeDocx(paragraph('x'), png, { 'word/document.xml': laughs }),
      'XML_ENTITIES',
    ],
    [
      'a document that is nested too deep',
      'a.docx',
      () => makeDocx('<w:p>'.repeat(100_000), png),
      'BROKEN_OFFICE',
    ],
    [
      'an encrypted workbook',
      'a.xlsx',
      () =>
        Buffer.concat([
          Buffer.from('d0cf11e0a1b11ae1', 'hex'),
          Buffer.alloc(504),
          Buffer.from('EncryptedPackage', 'utf16le'),
          Buffer.alloc(512),
        ]),
      'ENCRYPTED_OFFICE',
    ],
    [
      'an old workbook',
      'a.xls',
      () => Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(1024)]),
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a workbook that is cut off',
      'a.xlsx',
      () => makeXlsx([{ name: 'A', rows }], []).subarray(0, 900),
      'BROKEN_OFFICE',
    ],
    [
      'a workbook of text too wide',
      'a.xlsx',
      () => makeXlsx([{ name: 'A', rows: row(1, cell('XFD1', 'n', '1')) }], []),
      'TOO_MANY_COLUMNS',
    ],
    ['a workbook with nothing in it', 'a.xlsx', () => makeXlsx([{ name: 'A', rows: '' }], []), 'NO_TEXT'],
    ['a presentation without slides', 'a.pptx', () => makePptx([], png), 'NO_TEXT'],
  ])('%s', async (_, fileName, make, code) => {
    expect(await refusal(fileName, make())).toBe(code);
  });

  it('and the worker goes on', async () => {
    const { chunks } = await store('after.docx', makeDocx(paragraph('Still here.'), png));
    expect(chunks[0]?.text).toBe('Still here.');
    expect(makeZip({}).length).toBe(22);
  });
});
