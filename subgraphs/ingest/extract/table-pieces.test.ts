import { afterAll, describe, expect, it } from 'vitest';
import type { Locator } from '../../../platform/types.ts';
import type { Derivations } from '../derivations.ts';
import { makePdf } from '../testing/pdfs.ts';
import { makePicturePdf } from '../testing/picture-pdfs.ts';
import { isGap, isSection, type Part, type Piece, type Section } from '../types.ts';
import { extractPdf } from './extract-pdf.ts';
import { PdfReader } from './pdf-reader.ts';

const pdf = new PdfReader({ threads: 1 });
afterAll(() => pdf[Symbol.asyncDispose]());
const derivations: Derivations = { reuse: (_key, _schema, make) => make() };

async function read(bytes: Uint8Array) {
  await using extracted = await extractPdf(bytes, { pdf, derivations }, new AbortController().signal);
  const parts: Part[] = [];
  for await (const part of extracted.parts) parts.push(part);
  return {
    sections: parts.filter((part): part is Section => !isGap(part) && isSection(part)),
    tables: parts.filter((part): part is Piece => !isGap(part) && !isSection(part)),
  };
}

/** Rows of cells on a page, columns beginning at the places given. */
const cells = (rows: readonly (readonly string[])[], columns: readonly number[], top = 700) =>
  rows.flatMap((row, index) =>
    row.flatMap((text, column) =>
      text === '' ? [] : [{ text, x: columns[column] ?? 0, y: top - index * 18 }],
    ),
  );

const parts = [
  ['Part', 'Material', 'Quantity', 'Price'],
  ['Shaft seal', 'FKM', '2', '41.50'],
  ['Ball bearing 6205', 'Steel', '4', '12.80'],
  ['Gasket', 'NBR', '10', '1.20'],
  ['Impeller', 'Bronze', '1', '186.00'],
];

describe('a table on a page', () => {
  it('is found with its header, its values and its place, beside the text of the page', async () => {
    const { sections, tables } = await read(
      await makePicturePdf([
        {
          texts: [
            { text: 'The parts of the pump are listed here, and can be ordered by post.', x: 60, y: 760 },
            { text: 'Table 2: Spare parts', x: 60, y: 724 },
            ...cells(parts, [60, 220, 340, 440]),
            { text: 'Prices are those of the year in which the list was printed.', x: 60, y: 560 },
          ],
        },
      ]),
    );
    expect(sections[0]?.text).toContain('Shaft seal');
    expect(tables).toHaveLength(1);
    const [{ modality, text, locator, cells: values }] = tables as [Piece];
    expect(modality).toBe('TABLE');
    expect(text?.split('\n')).toEqual([
      'Table 2: Spare parts: Part, Material, Quantity, Price',
      'Part: Shaft seal; Material: FKM; Quantity: 2; Price: 41.50',
      'Part: Ball bearing 6205; Material: Steel; Quantity: 4; Price: 12.80',
      'Part: Gasket; Material: NBR; Quantity: 10; Price: 1.20',
      'Part: Impeller; Material: Bronze; Quantity: 1; Price: 186.00',
    ]);
    expect((values as { rows: unknown[] }).rows[0]).toMatchObject({ quantity: 2, price: 41.5 });
    expect(locator).toMatchObject({ kind: 'PageRegion', page: 1 });
    const { left, top, width, height } = (locator as Extract<Locator, { kind: 'PageRegion' }>).box!;
    expect(left).toBeCloseTo(0.1, 2);
    expect(left + width).toBeGreaterThan(440 / 600);
    // The rows below the header: baselines from 682 to 628.
    expect(top).toBeCloseTo((800 - 682 - 12 * 0.8) / 800, 2);
    expect(top + height).toBeCloseTo((800 - 628 + 12 * 0.2) / 800, 2);
  });

  it('may have empty cells, numbers at the right, and no header', async () => {
    const width = (text: string) => text.length * 6.67;
    const numbers = ['1', '250', '13', '7'];
    const { tables } = await read(
      await makePicturePdf([
        {
          texts: numbers.flatMap((number, index) => [
            { text: `V-${index + 10}`, x: 60, y: 700 - index * 18 },
            ...(index === 2 ? [] : [{ text: `${index}.5`, x: 160, y: 700 - index * 18 }]),
            { text: number, x: 400 - width(number), y: 700 - index * 18 },
          ]),
        },
      ]),
    );
    expect(tables.map(({ text }) => text).join('\n')).toContain('column 1: V-12; column 3: 13');
    const rows = tables.flatMap(({ cells: values }) => (values as { rows: unknown[] }).rows);
    expect(rows).toHaveLength(4);
  });

  it('is not seen in running text, columns of text, lists, or tables of contents', async () => {
    const sentences = Array.from(
      { length: 8 },
      (_, index) => `This is line ${index} of some text that runs on in its column`,
    );
    const small = (text: string, x: number, index: number) => ({ text, x, y: 700 - index * 14, size: 8 });
    const { tables } = await read(
      await makePicturePdf([
        { texts: sentences.map((text, index) => ({ text, x: 60, y: 700 - index * 16 })) },
        { texts: sentences.flatMap((text, index) => [small(text, 40, index), small(text, 320, index)]) },
        {
          texts: cells(
            ['a', 'b', 'c', 'd'].map((item) => ['•', `Item ${item}`]),
            [60, 90],
          ),
        },
        {
          texts: cells(
            ['Safety', 'Start', 'Stop', 'Repair'].map((title, index) => [`${title} ......`, String(index)]),
            [60, 500],
          ),
        },
        { texts: cells(parts.slice(0, 2), [60, 220, 340, 440]) },
      ]),
    );
    expect(tables).toEqual([]);
    expect((await read(await makePdf(['Alpha page.\nIts second line.']))).tables).toEqual([]);
  });
});
