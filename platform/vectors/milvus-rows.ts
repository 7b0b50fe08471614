import { createHash } from 'node:crypto';
import { unifiedDimension } from '../ports/encoder.ts';
import type { VectorRecord } from '../ports/vector-store.ts';
import { termOf, wordsOf } from '../text/terms.ts';
import type { Modality } from '../types.ts';
import { metadataTerms } from './metadata-terms.ts';
import { maxComparedBytes, maxListLength, maxTextBytes } from './milvus-schema.ts';

/** Stands for a year or an instant that is not known: below every one that a filter can ask for. */
export const noNumber = Number.MIN_SAFE_INTEGER;
/** Stands for an author or a source that is not known; a character for private use that no filter asks for. */
export const noText = '\uE000';

/** The primary key of a chunk. Tenants have no slash in their names. */
export const milvusKey = (tenant: string, chunkId: string): string => `${tenant}/${chunkId}`;
/** The chunk of a primary key. */
export const chunkIdOfKey = (tenant: string, key: string): string => key.slice(tenant.length + 1);
/** What rows are put into partitions by: one tenant's chunks of one modality are together. */
export const partitionKey = (tenant: string, modality: Modality): string => `${tenant}/${modality}`;

/** A text as it is kept and compared: itself, or the hash of a long one. */
export function comparedText(value: string): string {
  if (Buffer.byteLength(value) <= maxComparedBytes) return value;
  return `sha256:${createHash('sha256').update(value).digest('hex')}`;
}

/** The words of a text as BM25 counts them, with spaces between: in lower case, stemmed, without stop words. */
export function searchTerms(text: string): string {
  const terms: string[] = [];
  let bytes = 0;
  for (const { text: word } of wordsOf(text)) {
    const term = termOf(word);
    if (term === null) continue;
    bytes += Buffer.byteLength(term) + 1;
    if (bytes > maxTextBytes) break;
    terms.push(term);
  }
  return terms.join(' ');
}

function list(name: string, values: readonly string[]): string[] {
  if (values.length > maxListLength) {
    throw new RangeError(`A chunk has ${values.length} ${name}; Milvus takes ${maxListLength}.`);
  }
  return values.map(comparedText);
}

/** A row of Milvus: the fields of `milvusSchema`. */
export type MilvusRow = Readonly<Record<string, unknown>> & {
  readonly key: string;
  readonly partition: string;
};

/**
 * A record as a row.
 *
 * @throws RangeError where it has a vector of another dimension, or more tags or metadata than Milvus takes.
 */
export function milvusRow(record: VectorRecord, sparse: boolean): MilvusRow {
  if (record.vector.length !== unifiedDimension) {
    throw new RangeError(
      `A vector has ${record.vector.length} dimensions; the store takes ${unifiedDimension}.`,
    );
  }
  const { terms, numbers } = metadataTerms(record.metadata);
  return {
    key: milvusKey(record.tenant, record.chunkId),
    partition: partitionKey(record.tenant, record.modality),
    vector: record.vector,
    tenant: record.tenant,
    document_id: record.documentId,
    modality: record.modality,
    year: record.year ?? noNumber,
    author: record.author === null ? noText : comparedText(record.author),
    tags: list('tags', record.tags),
    source: record.source === null ? noText : comparedText(record.source),
    published_at_ms: record.publishedAtMs === null ? noNumber : Math.trunc(record.publishedAtMs),
    contains_pii: record.containsPii,
    metadata_terms: list('terms of metadata', terms),
    metadata_numbers: Object.fromEntries(numberEntries(numbers)),
    ...(sparse ? { search_text: searchTerms(record.searchText) } : {}),
  };
}

/** The numbers of `metadataTerms`, by their paths. */
const numberEntries = (numbers: string): [path: string, value: number][] =>
  numbers
    .split('|')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const at = entry.lastIndexOf('=');
      return [entry.slice(0, at), Number(entry.slice(at + 1))];
    });
