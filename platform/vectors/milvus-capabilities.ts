import { TributaryError } from '../errors.ts';
import { isMilvusLite } from './milvus-client.ts';

/** The vector indexes that can be asked for. */
export type MilvusIndexType = 'IVF_FLAT' | 'IVF_PQ' | 'HNSW' | 'DISKANN';

/** What a server can do, by its version: Milvus has no call that tells. */
export interface MilvusCapabilities {
  readonly version: string;
  readonly lite: boolean;
  /** BM25 functions and sparse vectors. */
  readonly sparse: boolean;
  /**
   * Whether an upsert puts a row into the partition of its key. In 2.3 an insert does and an upsert does not:
   * rows land in partitions where no search looks for them. There the partitions are ours.
   */
  readonly partitionKeys: boolean;
  readonly indexTypes: readonly MilvusIndexType[];
  /** Kinds of indexes of columns that filters use; null where there is none. */
  readonly columnIndexes: {
    readonly text: string | null;
    readonly number: string | null;
    readonly list: string | null;
  };
}

const everyIndex = ['IVF_FLAT', 'IVF_PQ', 'HNSW', 'DISKANN'] as const;

/**
 * Reads a version such as `v2.3.5-lite`, `2.6.1` or `milvus_lite-3.2.2`.
 *
 * @throws TributaryError `UPSTREAM` for a version before 2.3.
 */
export function milvusCapabilities(version: string): MilvusCapabilities {
  if (isMilvusLite(version)) {
    return {
      version,
      lite: true,
      sparse: true,
      partitionKeys: true,
      indexTypes: ['IVF_FLAT', 'HNSW'],
      columnIndexes: { text: 'INVERTED', number: 'INVERTED', list: null },
    };
  }
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(version) ?? [];
  const number = Number(major) * 1_000 + Number(minor);
  if (number < 2_003) {
    throw new TributaryError(
      'UPSTREAM',
      `Milvus is of version ${version}; Tributary needs 2.3 or later. Upgrade it.`,
      { service: 'milvus', reason: 'SERVER_TOO_OLD' },
    );
  }
  const inverted = number >= 2_004;
  return {
    version,
    lite: false,
    sparse: number >= 2_005,
    partitionKeys: inverted,
    indexTypes: everyIndex,
    columnIndexes: inverted
      ? { text: 'INVERTED', number: 'INVERTED', list: 'INVERTED' }
      : { text: 'Trie', number: 'STL_SORT', list: null },
  };
}
