import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Cells } from '../../../platform/tables/cells.ts';
import { inspect } from '../inspect.ts';
import { type Gap, isGap, isSection, type Piece } from '../types.ts';
import { extractTable } from './extract-table.ts';
import { PdfReader } from './pdf-reader.ts';
import { estimateTokens } from './tables/estimate-tokens.ts';

const never = new AbortController().signal;
const pdf = new PdfReader();

async function read(content: string | Uint8Array, fileName: string, mediaType: string | null = null) {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const inspected = await inspect({ bytes, fileName, mediaType }, pdf, never);
  await using extracted = await extractTable(inspected, never);
  const pieces: Piece[] = [];
  const gaps: Gap[] = [];
  const sections: string[] = [];
  for await (const part of extracted.parts) {
    if (isGap(part)) gaps.push(part);
    else if (isSection(part)) sections.push(part.text);
    else pieces.push(part);
  }
  const groups = pieces.filter(({ cells }) => cells !== undefined);
  return {
    pieces,
    gaps,
    sections,
    groups,
    rows: groups.flatMap(({ cells }) => (cells as unknown as Cells).rows),
    summary: pieces
      .filter(({ cells }) => cells === undefined)
      .map(({ text }) => text)
      .join('\n'),
  };
}

describe('CSV', () => {
  it('has its columns typed, its rows in groups with their header, and a summary', async () => {
    const { groups, rows, summary, pieces } = await read(
      'Part,Price,Stock,Checked,Active\nBolt M8,"1,200.50",40,2026-01-31,yes\nNut M8,0.10,,2026-02-01,no\n',
      'parts.csv',
    );
    expect(groups.map(({ text }) => text).join('\n')).toContain('Part: Bolt M8; Price: 1,200.50; Stock: 40');
    expect(groups[0]?.text?.split('\n')[0]).toBe('Part, Price, Stock, Checked, Active');
    expect(rows).toEqual([
      { part: 'Bolt M8', price: 1200.5, stock: 40, checked: '2026-01-31', active: true },
      { part: 'Nut M8', price: 0.1, checked: '2026-02-01', active: false },
    ]);
    expect(groups[0]?.locator).toEqual({
      ...{ kind: 'CellRange', sheet: null, firstRow: 2, lastRow: 3, firstColumn: 1, lastColumn: 5 },
    });
    expect(summary).toContain('Summary of the table: 2 rows, 5 columns');
    expect(summary).toContain('Price: number; 2 values; from 0.1 to 1200.5; mean 600.3; 2 different');
    expect(summary).toContain('Stock: number; 1 value; 1 empty');
    expect(summary).toContain('Checked: date; 2 values; from 2026-01-31 to 2026-02-01');
    expect(pieces.every(({ modality }) => modality === 'TABLE')).toBe(true);
  });

  it.each([
    [
      'semicolons and commas for decimals',
      'a;b\n1,5;x\n2.000,25;y\n',
      'x.csv',
      [
        { a: 1.5, b: 'x' },
        { a: 2000.25, b: 'y' },
      ],
    ],
    ['tabs', 'a\tb\n1\tx, y\n', 'x.tsv', [{ a: 1, b: 'x, y' }]],
    [
      'bars',
      'a|b\n1|x\n2|y\n',
      'x.csv',
      [
        { a: 1, b: 'x' },
        { a: 2, b: 'y' },
      ],
    ],
    ['a line that says so', 'sep=;\na;b\n1;2\n', 'x.csv', [{ a: 1, b: 2 }]],
    [
      'quoted line breaks and quotes',
      'a,b\n1,"two\nlines, ""quoted"""\n',
      'x.csv',
      [{ a: 1, b: 'two\nlines, "quoted"' }],
    ],
    [
      'a quote that is never closed',
      'size,b\n5" pipe,"x\n6 inch,y\n',
      'x.csv',
      [
        { size: '5" pipe', b: '"x' },
        { size: '6 inch', b: 'y' },
      ],
    ],
    [
      'currencies and percentages',
      'p,q,r\n€1.50,12.5%,3 USD\n€2,1%,4 USD\n',
      'x.csv',
      [
        { p: 1.5, q: 0.125, r: 3 },
        { p: 2, q: 0.01, r: 4 },
      ],
    ],
    [
      'negative numbers',
      'p,q\n-1.5,($2.00)\n+2,$1\n',
      'x.csv',
      [
        { p: -1.5, q: -2 },
        { p: 2, q: 1 },
      ],
    ],
    [
      'keys with zeros before them',
      'id,n\n007,1\n012,2\n',
      'x.csv',
      [
        { id: '007', n: 1 },
        { id: '012', n: 2 },
      ],
    ],
    [
      'days before months',
      'd,n\n31/01/2026,1\n02/03/2026,2\n',
      'x.csv',
      [
        { d: '2026-01-31', n: 1 },
        { d: '2026-03-02', n: 2 },
      ],
    ],
    ['days or months: nobody knows', 'd,n\n01/02/2026,1\n', 'x.csv', [{ d: '01/02/2026', n: 1 }]],
    ['dates with points', 'd,n\n31.1.2026,1\n', 'x.csv', [{ d: '2026-01-31', n: 1 }]],
    ['a time zone', 'd,n\n2026-01-31T23:30:00-01:00,1\n', 'x.csv', [{ d: '2026-02-01T00:30:00', n: 1 }]],
    [
      'no header',
      '1,2.5\n3,4\n',
      'x.csv',
      [
        { 'column 1': 1, 'column 2': 2.5 },
        { 'column 1': 3, 'column 2': 4 },
      ],
    ],
    [
      'lines above the header',
      'Price list 2026\n\nname,price\nBolt,1\nNut,2\nScrew,3\n',
      'x.csv',
      [
        { name: 'Bolt', price: 1 },
        { name: 'Nut', price: 2 },
        { name: 'Screw', price: 3 },
      ],
    ],
    [
      'a column that is named twice, and one that is not',
      'a,a,\n1,2,3\n',
      'x.csv',
      [{ a: 1, 'a (2)': 2, 'column 3': 3 }],
    ],
    [
      'names of columns that objects have',
      'constructor,__proto__\n1,2\n',
      'x.csv',
      [{ constructor: 1, ['__proto__']: 2 }],
    ],
  ])('%s', async (_, content, fileName, expected) => {
    expect((await read(content, fileName)).rows).toEqual(expected);
  });

  it('is text, although its first letters are those of pictures and programs', async () => {
    expect((await read('BMI,n\n21.5,1\n', 'x.csv')).rows).toEqual([{ bmi: 21.5, n: 1 }]);
    expect((await read('MZ,n\n21.5,1\n', 'x.csv')).rows).toEqual([{ mz: 21.5, n: 1 }]);
  });

  it('is read in any encoding', async () => {
    expect((await read(Buffer.from('\ufeffGröße;n\n5;1\n', 'utf16le'), 'x.csv')).rows).toEqual([
      { größe: 5, n: 1 },
    ]);
    expect((await read(Buffer.from('Größe;n\n5;1\n', 'latin1'), 'x.csv')).rows).toEqual([{ größe: 5, n: 1 }]);
  });

  it('has groups that an encoder sees whole, and wide rows in parts', async () => {
    const wide = Array.from({ length: 300 }, (_, index) => `column ${index}`).join(',');
    const values = Array.from({ length: 300 }, (_, index) => `value ${index}`).join(',');
    const { groups } = await read(`${wide}\n${values}\n`, 'wide.csv');
    expect(groups.length).toBeGreaterThan(5);
    for (const { text, locator, cells } of groups) {
      expect(estimateTokens(text ?? '')).toBeLessThanOrEqual(200);
      expect(locator).toMatchObject({ firstRow: 2, lastRow: 2 });
      expect((cells as unknown as Cells).rows[0]).toMatchObject({ 'column 0': 'value 0' });
    }
    const long = await read(`a,b\n1,${'many words '.repeat(2_000)}\n`, 'long.csv');
    for (const { text } of long.groups) expect(estimateTokens(text ?? '')).toBeLessThanOrEqual(200);
    expect(
      long.groups
        .map(({ text }) => text)
        .join(' ')
        .match(/many words/g),
    ).toHaveLength(2_000);
  });

  it('keeps the other groups where a row is put in, changed or taken out', async () => {
    const lines = Array.from(
      { length: 500 },
      (_, index) => `Part ${index},${(index * 7919) % 1000},shelf ${index % 13}`,
    );
    const textsOf = async (rows: readonly string[]) =>
      new Set((await read(['name,price,place', ...rows].join('\n'), 'x.csv')).groups.map(({ text }) => text));
    const before = await textsOf(lines);
    const changed = [
      lines.with(250, 'Part changed,1,shelf 1'),
      lines.toSpliced(100, 0, 'Part new,5,shelf 2'),
      lines.toSpliced(3, 1),
    ];
    for (const rows of changed) {
      const after = [...(await textsOf(rows))].filter((text) => !before.has(text));
      expect(after.length).toBeGreaterThan(0);
      expect(after.length).toBeLessThanOrEqual(3);
    }
    expect(before.size).toBeGreaterThan(20);
  });
});

describe('JSON', () => {
  it.each([
    [
      'a list of objects',
      [
        { name: 'Bolt', size: { width: 8, unit: 'mm' }, tags: ['a', 'b'] },
        { name: 'Nut', ok: false },
      ],
      [
        { name: 'Bolt', 'size.width': 8, 'size.unit': 'mm', tags: 'a, b' },
        { name: 'Nut', ok: false },
      ],
    ],
    [
      'an object of lists',
      { name: ['Bolt', 'Nut'], price: [1.5, 2] },
      [
        { name: 'Bolt', price: 1.5 },
        { name: 'Nut', price: 2 },
      ],
    ],
    ['a list of plain values', [1, 2], [{ value: 1 }, { value: 2 }]],
    ['a list of lists', [[1, 'x']], [{ 'column 1': 1, 'column 2': 'x' }]],
    [
      'dates',
      [{ at: '2026-01-31T10:00:00Z', day: '2026-01-31' }],
      [{ at: '2026-01-31T10:00:00', day: '2026-01-31' }],
    ],
  ])('%s', async (_, value, expected) => {
    expect((await read(JSON.stringify(value), 'x.json')).rows).toEqual(expected);
    expect((await read(JSON.stringify(value, null, 2), 'x.json')).rows).toEqual(expected);
  });

  it('has tables within an object by their names, and the rest as text', async () => {
    const { rows, sections, groups } = await read(
      JSON.stringify({ site: 'North', parts: [{ name: 'Bolt' }], people: [{ name: 'Ann' }] }),
      'x.json',
    );
    expect(rows).toEqual([{ name: 'Bolt' }, { name: 'Ann' }]);
    expect(groups.map(({ locator }) => locator.kind === 'CellRange' && locator.sheet)).toEqual([
      'parts',
      'people',
    ]);
    expect(sections).toEqual(['{\n  "site": "North"\n}']);
  });

  it('that is no table is text', async () => {
    expect((await read('{"a": {"b": [1, "x"]}}', 'x.json')).sections[0]).toContain('"b": [');
  });

  it('is told by its content, too', async () => {
    const { rows } = await read('[{"a": 1}]', 'export', 'application/octet-stream');
    expect(rows).toEqual([{ a: 1 }]);
  });

  it('by lines; a line that is none is a gap', async () => {
    const { rows, gaps } = await read('{"a": 1}\n\n{"a": oops}\n{"a": 2, "b": "x"}\n', 'x.jsonl');
    expect(rows).toEqual([{ a: 1 }, { a: 2, b: 'x' }]);
    expect(gaps).toMatchObject([{ code: 'ROW_UNREADABLE', locator: { firstRow: 3 } }]);
  });
});

describe('Parquet', () => {
  const fixture = (name: string) => readFile(new URL(`./testing/fixtures/${name}`, import.meta.url));

  it('has its columns and types, row groups one after the other', async () => {
    const { rows, groups, summary } = await read(await fixture('parts.parquet'), 'parts.parquet');
    expect(rows).toHaveLength(60);
    expect(rows[0]).toEqual({
      ...{
        name: 'Bolt M0',
        price: 0,
        stock: 0,
        active: true,
        since: '2026-01-01',
        seen: '2026-01-01T12:00:00',
      },
      ...{ weight: 0, 'size.width': 0, 'size.unit': 'mm', tags: 'a, b' },
    });
    expect(rows[3]?.price).toBeUndefined();
    expect(rows[59]).toMatchObject({ price: 147.5, stock: 59, weight: 14.75, seen: '2026-01-01T12:59:00' });
    expect(groups.at(-1)?.locator).toMatchObject({ lastRow: 60 });
    expect(summary).toContain('price: number; 59 values; 1 empty; from 0 to 147.5');
  });

  it('is read whatever it is compressed with', async () => {
    const { rows, groups } = await read(await fixture('parts.zstd.parquet'), 'parts.parquet');
    expect(rows).toHaveLength(60);
    expect(groups[0]?.text?.split('\n')[0]).toBe('name, price');
  });
});

describe('tables that are refused', () => {
  const refusal = (content: string | Uint8Array, fileName: string) =>
    read(content, fileName).then(
      () => 'none',
      (error) => error.reason,
    );

  it('a million columns', async () => {
    const header = Array.from({ length: 1_000_000 }, (_, index) => `c${index}`).join(',');
    expect(await refusal(`${header}\n`, 'x.csv')).toBe('TOO_MANY_COLUMNS');
    expect(await refusal(`a,b\n1,2\n${'1,'.repeat(400_000)}\n`, 'x.csv')).toBe('TOO_MANY_COLUMNS');
    const object = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`c${index}`, 1]));
    expect(await refusal(JSON.stringify([object]), 'x.json')).toBe('TOO_MANY_COLUMNS');
  });

  it('50 MB in one line of JSON', async () => {
    const line = `{"a": "${'x'.repeat(50 * 1024 * 1024)}"}`;
    expect(await refusal(`${line}\n`, 'x.jsonl')).toBe('ROW_TOO_LARGE');
    expect(await refusal(line, 'x.json')).toBe('TOO_LARGE');
    expect(await refusal(`[${line}]`, 'x.json')).toBe('ROW_TOO_LARGE');
  });

  it('reads 50 MB of many rows in one line without holding them all', async () => {
    const text = `[${'{"a":1},'.repeat(6_500_000)}{"a":2}]`;
    const inspected = {
      mediaType: 'application/json',
      fileName: 'x.json',
      bytes: Buffer.alloc(0),
      text,
    } as const;
    await using extracted = await extractTable(inspected, never);
    const before = process.memoryUsage().heapUsed;
    let count = 0;
    for await (const _ of extracted.parts) if (++count === 2_000) break;
    expect(count).toBe(2_000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 1024 * 1024);
  });

  it('JSON that is nested too deep', async () => {
    for (const depth of [1_000, 5_000_000]) {
      expect(await refusal(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`, 'x.json')).toBe('JSON_TOO_DEEP');
      expect(await refusal(`[${'['.repeat(depth)}${']'.repeat(depth)}]`, 'x.json')).toBe('JSON_TOO_DEEP');
    }
    expect(await refusal(`${'{"a":'.repeat(100_000)}`, 'x.jsonl')).toBe('BROKEN_JSON');
  });

  it.each([
    ['[{"a": 1}', 'BROKEN_JSON'],
    ['[{"a": 1} {"a": 2}]', 'BROKEN_JSON'],
    ['{"a": 1,}', 'BROKEN_JSON'],
    ['[1, 2] and more', 'BROKEN_JSON'],
    ['not json', 'BROKEN_JSON'],
  ])('%s', async (content, reason) => {
    expect(await refusal(content, 'x.json')).toBe(reason);
  });

  it('Parquet that is cut off, or broken in the middle', async () => {
    const whole = await readFile(new URL('./testing/fixtures/parts.parquet', import.meta.url));
    expect(await refusal(whole.subarray(0, 1_000), 'x.parquet')).toBe('BROKEN_PARQUET');
    const tail = Buffer.concat([whole.subarray(0, 4), whole.subarray(1_000)]);
    expect(await refusal(tail, 'x.parquet')).toBe('BROKEN_PARQUET');
  });

  it('CSV with zeros or binary in it', async () => {
    expect(await refusal('a,b\n1,\0\0\0\n', 'x.csv')).toBe('UNSUPPORTED_MEDIA_TYPE');
    const noise = Uint8Array.from({ length: 4_096 }, (_, index) => (index * 7919 + (index >> 3)) % 256);
    expect(await refusal(noise, 'x.csv')).toBe('UNSUPPORTED_MEDIA_TYPE');
  });
});
