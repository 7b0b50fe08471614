import { DataType, FunctionType } from '@zilliz/milvus2-sdk-node';
import { unifiedDimension } from '../ports/encoder.ts';
import type { CollectionName } from '../ports/vector-store.ts';
import type { MilvusCapabilities, MilvusIndexType } from './milvus-capabilities.ts';

/** Milvus's own limit for one text, in bytes. */
export const maxTextBytes = 65_535;
/** Longer tags, authors, sources and terms are kept, and compared, by their hashes. */
export const maxComparedBytes = 512;
/** Milvus's own limit for the elements of one list. */
export const maxListLength = 4_096;

const prefix = 'tributary';

/**
 * The name of a collection in Milvus: `tributary_text_0123456789abcdef_hot`. A fingerprint is letters, digits and
 * hyphens; Milvus takes no hyphens, which are written as `__`.
 *
 * @throws RangeError on a fingerprint of other characters.
 */
export function milvusCollectionName({ family, fingerprint, tier = 'hot' }: CollectionName): string {
  if (!/^[A-Za-z0-9-]+$/.test(fingerprint)) {
    throw new RangeError(`A fingerprint is letters, digits and hyphens; got "${fingerprint}".`);
  }
  return `${prefix}_${family}_${fingerprint.replaceAll('-', '__')}_${tier}`;
}

/** The collection of that name, or null where it is none of ours. */
export function collectionOfMilvus(name: string): CollectionName | null {
  const [, family, fingerprint, tier] =
    new RegExp(`^${prefix}_(text|image|audio)_([A-Za-z0-9_]+)_(hot|cold)$`).exec(name) ?? [];
  if (family === undefined || fingerprint === undefined) return null;
  const collection = {
    family: family as CollectionName['family'],
    fingerprint: fingerprint.replaceAll('__', '-'),
  };
  return tier === 'cold' ? { ...collection, tier } : collection;
}

const text = (name: string, bytes: number) => ({ name, data_type: DataType.VarChar, max_length: bytes });
const texts = (name: string) => ({
  name,
  data_type: DataType.Array,
  element_type: DataType.VarChar,
  max_capacity: maxListLength,
  max_length: maxComparedBytes,
});

/**
 * The fields of a collection; the same on every server but for what it cannot do. Nothing may be null (2.3 knows no
 * nulls): `milvus-rows.ts` says what stands for what is not there. One vector field only, on servers without BM25.
 */
export function milvusSchema({ sparse, partitionKeys }: MilvusCapabilities) {
  const fields = [
    { ...text('key', 1_024), is_primary_key: true, autoID: false },
    { ...text('partition', 512), is_partition_key: partitionKeys },
    { name: 'vector', data_type: DataType.FloatVector, dim: unifiedDimension },
    text('tenant', 256),
    text('document_id', 512),
    text('modality', 16),
    { name: 'year', data_type: DataType.Int64 },
    text('author', maxComparedBytes),
    texts('tags'),
    text('source', maxComparedBytes),
    { name: 'published_at_ms', data_type: DataType.Int64 },
    { name: 'contains_pii', data_type: DataType.Bool },
    texts('metadata_terms'),
    { name: 'metadata_numbers', data_type: DataType.JSON },
  ];
  if (!sparse) return { fields };
  return {
    fields: [
      ...fields,
      // Cut into words and stemmed by us, so that the same words are found on every server: it only splits at spaces.
      {
        ...text('search_text', maxTextBytes),
        enable_analyzer: true,
        analyzer_params: { tokenizer: 'standard' },
      },
      { name: 'sparse', data_type: DataType.SparseFloatVector },
    ],
    functions: [
      {
        name: 'bm25',
        type: FunctionType.BM25,
        input_field_names: ['search_text'],
        output_field_names: ['sparse'],
        params: {},
      },
    ],
  };
}

/** How an index of vectors is built. PQ keeps 4 dimensions in a byte: 192 bytes for 3,072. */
export const vectorIndexParameters: Readonly<Record<MilvusIndexType, Readonly<Record<string, number>>>> = {
  IVF_FLAT: { nlist: 1_024 },
  IVF_PQ: { nlist: 1_024, m: unifiedDimension / 4, nbits: 8 },
  HNSW: { M: 16, efConstruction: 200 },
  DISKANN: {},
};

/** The columns that filters use most, with the kind of index that suits each. */
export const indexedColumns: readonly (readonly [column: string, kind: 'text' | 'number' | 'list'])[] = [
  ['document_id', 'text'],
  ['author', 'text'],
  ['source', 'text'],
  ['year', 'number'],
  ['published_at_ms', 'number'],
  ['tags', 'list'],
  ['metadata_terms', 'list'],
];
