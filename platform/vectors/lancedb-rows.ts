import {
  Bool,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int32,
  List,
  makeData,
  Schema,
  Table,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { unifiedDimension } from '../ports/encoder.ts';
import type { VectorRecord } from '../ports/vector-store.ts';
import { metadataTerms } from './metadata-terms.ts';

const item = (type: Utf8 | Float32) => new Field('item', type, true);
const vectorType = new FixedSizeList(unifiedDimension, new Field('item', new Float32(), true));
const listType = new List(item(new Utf8()));

/**
 * The columns of a collection. `key` is tenant and chunk id in one, and declared as the primary key: that is
 * what makes two merges of the same new row, at the same moment, notice each other.
 */
export const lanceDbSchema = new Schema([
  new Field('key', new Utf8(), false, new Map([['lance-schema:unenforced-primary-key', 'true']])),
  new Field('tenant', new Utf8(), false),
  new Field('chunk_id', new Utf8(), false),
  new Field('document_id', new Utf8(), false),
  new Field('modality', new Utf8(), false),
  new Field('vector', vectorType, false),
  new Field('search_text', new Utf8(), false),
  new Field('year', new Int32(), true),
  new Field('author', new Utf8(), true),
  new Field('tags', listType, false),
  new Field('source', new Utf8(), true),
  new Field('published_at_ms', new Float64(), true),
  new Field('contains_pii', new Bool(), false),
  new Field('metadata_terms', listType, false),
  new Field('metadata_numbers', new Utf8(), false),
]);

/** The primary key of a chunk. Tenants have no slash in their names. */
export const lanceDbKey = (tenant: string, chunkId: string): string => `${tenant}/${chunkId}`;

/** Records as an Arrow table of `lanceDbSchema`; of several with the same key the last one counts. */
export function lanceDbRows(records: readonly VectorRecord[]): Table {
  const rows = [
    ...new Map(records.map((record) => [lanceDbKey(record.tenant, record.chunkId), record])).values(),
  ];
  const vectors = new Float32Array(rows.length * unifiedDimension);
  rows.forEach((row, index) => {
    if (row.vector.length !== unifiedDimension) {
      throw new RangeError(
        `A vector has ${row.vector.length} dimensions; the store takes ${unifiedDimension}.`,
      );
    }
    vectors.set(row.vector, index * unifiedDimension);
  });
  const vectorData = makeData({
    type: vectorType,
    length: rows.length,
    nullCount: 0,
    child: makeData({ type: new Float32(), length: vectors.length, nullCount: 0, data: vectors }),
  });
  const flattened = rows.map((row) => metadataTerms(row.metadata));
  const text = (values: readonly (string | null)[]) => vectorFromArray(values, new Utf8());
  const lists = (values: readonly (readonly string[])[]) => vectorFromArray(values, listType);
  return new Table(lanceDbSchema, {
    key: text(rows.map((row) => lanceDbKey(row.tenant, row.chunkId))),
    tenant: text(rows.map((row) => row.tenant)),
    chunk_id: text(rows.map((row) => row.chunkId)),
    document_id: text(rows.map((row) => row.documentId)),
    modality: text(rows.map((row) => row.modality)),
    vector: new Vector([vectorData]),
    search_text: text(rows.map((row) => row.searchText)),
    year: vectorFromArray(
      rows.map((row) => row.year),
      new Int32(),
    ),
    author: text(rows.map((row) => row.author)),
    tags: lists(rows.map((row) => row.tags)),
    source: text(rows.map((row) => row.source)),
    published_at_ms: vectorFromArray(
      rows.map((row) => row.publishedAtMs),
      new Float64(),
    ),
    contains_pii: vectorFromArray(
      rows.map((row) => row.containsPii),
      new Bool(),
    ),
    metadata_terms: lists(flattened.map(({ terms }) => terms)),
    metadata_numbers: text(flattened.map(({ numbers }) => numbers)),
  });
}
