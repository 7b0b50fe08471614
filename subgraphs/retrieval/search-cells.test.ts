import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VectorRecord } from '../../platform/ports/vector-store.ts';
import { cellsKey, indexCells } from '../../platform/tables/cells.ts';
import type { CellCondition, SearchFilter } from './schema.generated.ts';
import { chunkId, documentId, found, type Library, openLibrary } from './testing/library.ts';

type Row = Readonly<Record<string, string | number | boolean>>;

let library: Library;
beforeAll(async () => {
  library = await openLibrary({ maxCacheBytes: 1024 * 1024 });
  await library.add([{ name: 'prose', passages: ['The price of a bolt is a matter of trade.'] }]);
  await addTable('parts', [
    [
      { name: 'Bolt', price: 5, colour: 'red', since: '2026-01-31' },
      { name: 'Nut', price: 150, colour: 'blue' },
    ],
    [
      { name: 'Washer', price: 120, colour: 'red', active: true, 'unit "price" (€)': 1.5 },
      { name: 'Pin', price: 'on request', since: '2026-03-01T12:00:00' },
    ],
  ]);
});
afterAll(() => library[Symbol.asyncDispose]());

/** Stores groups of rows as ingest does: exactly beside the passage, and roughly in the vector store. */
async function addTable(name: string, groups: readonly (readonly Row[])[]): Promise<void> {
  const { database, encoder, vectors, collection } = library;
  const texts = groups.map((rows) => `price list\n${rows.map((row) => JSON.stringify(row)).join('\n')}`);
  const encoded = await encoder.encode(texts, 'passage');
  await database.forTenant('acme', async (client) => {
    await client.query(
      `insert into documents (tenant, id, source_key, title, modality, state, visible_version)
       values ('acme', $1, $2, $2, 'TABLE', 'SEARCHABLE', 1)`,
      [documentId(name), name],
    );
    await client.query(
      `insert into chunks (tenant, id, document_id, first_version, seen_version, ordinal, modality, family, fingerprint, text, locator, cells)
       select 'acme', id, $1, 1, 1, ordinal, 'TABLE', 'text', $2, text, '{}', cells
       from unnest($3::text[], $4::int[], $5::text[], $6::jsonb[]) as passage (id, ordinal, text, cells)`,
      [
        ...[documentId(name), collection.fingerprint, groups.map((_, ordinal) => chunkId(name, ordinal))],
        ...[groups.map((_, ordinal) => ordinal), texts, groups.map((rows) => JSON.stringify({ rows }))],
      ],
    );
    await client.query(
      `insert into corpus_epochs (tenant, epoch, modalities) values ('acme', 1, '{TABLE,TEXT}')
       on conflict (tenant) do update set epoch = corpus_epochs.epoch + 1, modalities = '{TABLE,TEXT}'`,
    );
  });
  await vectors.upsert(
    collection,
    groups.map(
      (rows, ordinal): VectorRecord => ({
        ...{
          chunkId: chunkId(name, ordinal),
          tenant: 'acme',
          documentId: documentId(name),
          modality: 'TABLE',
        },
        ...{ vector: encoded[ordinal] ?? new Float32Array(768), searchText: `${name}\n${texts[ordinal]}` },
        ...{ year: null, author: null, tags: [], source: null, publishedAtMs: null, containsPii: false },
        metadata: { [cellsKey]: indexCells({ rows }) },
      }),
    ),
  );
}

const search = (filter: SearchFilter) => library.search({ text: 'price of a bolt', filter });
const [first, second] = [chunkId('parts', 0), chunkId('parts', 1)];

describe('a filter by the cells of tables', () => {
  const cases: readonly (readonly [string, readonly CellCondition[], readonly string[]])[] = [
    ['a number above', [{ column: 'price', greaterThan: 100 }], [first, second]],
    ['a number above, up to one', [{ column: 'Price ', greaterThan: 100, atMost: 120 }], [second]],
    ['the number itself', [{ column: 'price', equals: 5 }], [first]],
    ['a number between two of a group', [{ column: 'price', equals: 50 }], []],
    ['one of several', [{ column: 'price', in: [5, 120] }], [first, second]],
    [
      'one row with both',
      [
        { column: 'price', greaterThan: 100 },
        { column: 'colour', equals: 'red' },
      ],
      [second],
    ],
    [
      'no row with both',
      [
        { column: 'price', lessThan: 10 },
        { column: 'colour', equals: 'blue' },
      ],
      [],
    ],
    ['text is no number', [{ column: 'price', equals: '5' }], []],
    ['text', [{ column: 'price', equals: 'on request' }], [second]],
    ['a boolean', [{ column: 'active', equals: true }], [second]],
    ['a date after', [{ column: 'since', greaterThan: '2026-01-31' }], [second]],
    ['a date and time before', [{ column: 'since', lessThan: '2026-03-01T12:00:00Z' }], [first]],
    ['there is a value', [{ column: 'active', exists: true }], [second]],
    ['there is none', [{ column: 'colour', exists: false }], [second]],
    ['a name with all kinds of signs', [{ column: 'Unit "Price" (€)', atLeast: 1.5 }], [second]],
    ['a hostile name', [{ column: '"] ? (true)', equals: 1 }], []],
  ];
  it.each(cases)('%s', async (_, cells, expected) => {
    const result = await search({ cells: [...cells] });
    expect(found(result).sort()).toEqual([...expected].sort());
  });

  it('holds beside others, and several hold each for a row of its own', async () => {
    const cells: CellCondition[] = [{ column: 'price', greaterThan: 100 }];
    expect(found(await search({ cells, documentIds: [documentId('prose')] }))).toEqual([]);
    const both = {
      and: [
        { cells: [{ column: 'price', lessThan: 10 }] },
        { cells: [{ column: 'colour', equals: 'blue' }] },
      ],
    };
    expect(found(await search(both))).toEqual([first]);
  });

  it('is a part of what is remembered', async () => {
    const ask = (greaterThan: number) => search({ cells: [{ column: 'price', greaterThan }] });
    expect(found(await ask(130))).toEqual([first]);
    expect((await ask(130)).cache).toBe('HIT');
    expect(found(await ask(149))).toEqual([first]);
    expect(found(await ask(151))).toEqual([]);
  });

  it.each([
    [{ or: [{ cells: [{ column: 'a', equals: 1 }] }] }, 'CELLS_NOT_HERE'],
    [{ not: { cells: [{ column: 'a', equals: 1 }] } }, 'CELLS_NOT_HERE'],
    [{ cells: [] }, 'BAD_CELL_CONDITIONS'],
    [{ cells: [{ column: ' ', equals: 1 }] }, 'BAD_COLUMN'],
    [{ cells: [{ column: 'a' }] }, 'NO_OPERATOR'],
    [{ cells: [{ column: 'a', equals: { b: 1 } }] }, 'BAD_CELL_VALUE'],
    [{ cells: [{ column: 'a', in: [] }] }, 'BAD_CELL_VALUE'],
    [{ cells: [{ column: 'a', greaterThan: 'yesterday' }] }, 'BAD_CELL_VALUE'],
    [{ cells: [{ column: 'a', greaterThan: 1, exists: false }] }, 'CONTRADICTION'],
  ] as const)('%j is refused', async (filter, reason) => {
    await expect(search(filter as unknown as SearchFilter)).rejects.toMatchObject({
      code: 'REJECTED_INPUT',
      reason,
    });
  });
});
