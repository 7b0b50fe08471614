import { createHash } from 'node:crypto';
import type { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { z } from 'zod';
import type { VectorRecord } from '../ports/vector-store.ts';
import type { MilvusCapabilities } from './milvus-capabilities.ts';
import { consistencyLevel, type MilvusConnection } from './milvus-client.ts';
import { milvusText } from './milvus-filter.ts';
import { type MilvusRow, milvusRow } from './milvus-rows.ts';

/** How long one call may take, in milliseconds, where its caller says nothing shorter. */
export const milvusTimeouts = { ask: 10_000, read: 60_000, write: 120_000, manage: 60_000, load: 600_000 };

/** Milvus's own limit for the rows of one answer. */
export const maxRowsOfAnswer = 16_384;
/** A message of gRPC takes 64 MB at most on the server's side; a row's vector alone is 3 KB. */
export const maxRowsOfWrite = 2_000;
const maxBytesOfWrite = 16 * 1024 * 1024;
const keysOfExpression = 1_000;

/** What is removed from one collection. */
export type MilvusRemoval =
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  | { readonly kind: 'matching'; readonly expression: string };

/** Rows as they come back: the fields that were asked for. */
export type MilvusAnswerRow = Readonly<Record<string, unknown>>;

const rowsSchema = z.array(z.record(z.string(), z.unknown()));

/** `key in [...]`, for at most a thousand keys. */
export const keyIn = (keys: readonly string[]): string => `key in [${keys.map(milvusText).join(', ')}]`;

/** Cuts a list into pieces of at most `size`. */
export const piecesOf = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );

/** One collection that is there, with its indexes and partitions. */
export class MilvusTable {
  readonly name: string;
  readonly #connection: MilvusConnection;
  readonly #capabilities: MilvusCapabilities;
  /** How many partitions of our own there are; 0 where Milvus places rows by their partition key. */
  readonly #partitions: number;
  /** Loads it where it is not loaded. */
  readonly #load: (signal?: AbortSignal) => Promise<void>;
  readonly #changed: (rows: { readonly written: number; readonly removed: number }) => void;

  constructor(given: {
    readonly name: string;
    readonly connection: MilvusConnection;
    readonly capabilities: MilvusCapabilities;
    readonly partitions: number;
    readonly load: (signal?: AbortSignal) => Promise<void>;
    /** Is told how many rows were written and removed: what indexes and compaction are for. */
    readonly changed: (rows: { readonly written: number; readonly removed: number }) => void;
  }) {
    this.name = given.name;
    this.#connection = given.connection;
    this.#capabilities = given.capabilities;
    this.#partitions = given.partitions;
    this.#load = given.load;
    this.#changed = given.changed;
  }

  /** Partitions to search for these keys; none where Milvus finds them itself. */
  partitionNames(keys: readonly string[]): string[] | undefined {
    if (this.#partitions === 0) return undefined;
    return [...new Set(keys.map((key) => partitionName(key, this.#partitions)))];
  }

  /** A call that needs the collection in memory: it is loaded first where it is not. */
  async loaded<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    await this.#load(signal);
    return work();
  }

  /** Rows that match, at most 16,384, in no order; every write that has resolved is seen. */
  async query(
    expression: string,
    fields: readonly string[],
    signal?: AbortSignal,
    limit = maxRowsOfAnswer,
    inOrder = false,
  ): Promise<MilvusAnswerRow[]> {
    const { data } = await this.loaded(signal, () =>
      this.#connection.call(
        (client) =>
          client.query({
            collection_name: this.name,
            expr: expression,
            output_fields: [...fields],
            limit,
            consistency_level: consistencyLevel('latest'),
            // The SDK's own iterator pages by key without asking for that order, and puts keys into the
            // expression as they are.
            ...(inOrder ? { params: { iterator: 'True', reduce_stop_for_best: 'True' } } : {}),
          }),
        { timeoutMs: milvusTimeouts.read, signal },
      ),
    );
    return rowsSchema.parse(data);
  }

  /** How many rows match, about as of now. */
  async count(expression: string, signal?: AbortSignal): Promise<number> {
    const { data } = await this.loaded(signal, () =>
      this.#connection.call(
        (client) =>
          client.query({
            collection_name: this.name,
            expr: expression,
            output_fields: ['count(*)'],
            consistency_level: consistencyLevel('bounded'),
          }),
        { timeoutMs: milvusTimeouts.read, signal },
      ),
    );
    return Number(rowsSchema.parse(data)[0]?.['count(*)'] ?? 0);
  }

  /** All rows that match, page by page in the order of their keys. */
  async *pages(
    expression: string | null,
    fields: readonly string[],
    signal?: AbortSignal,
    pageSize = maxRowsOfAnswer / 4,
  ): AsyncGenerator<MilvusAnswerRow[]> {
    for (let last = ''; ; ) {
      const after = `key > ${milvusText(last)}`;
      const page = await this.query(
        expression === null ? after : `${after} and (${expression})`,
        fields,
        signal,
        pageSize,
        true,
      );
      // A page may be short though more follow: Milvus ends it where one of its segments does.
      if (page.length === 0) return;
      yield page;
      last = String(page.at(-1)?.key);
    }
  }

  /** Writes records by their keys, in as many messages as it takes. */
  async write(records: readonly VectorRecord[]): Promise<void> {
    const rows = new Map(
      records.map((record) => {
        const row = milvusRow(record, this.#capabilities.sparse);
        return [row.key, row] as const;
      }),
    );
    const byPartition = new Map<string | undefined, MilvusRow[]>();
    for (const row of rows.values()) {
      const name = this.partitionNames([row.partition])?.[0];
      byPartition.set(name, [...(byPartition.get(name) ?? []), row]);
    }
    for (const [partition, group] of byPartition) {
      for (const batch of batchesOf(group)) {
        await this.#connection.call((client) => upsert(client, this.name, partition, batch), {
          timeoutMs: milvusTimeouts.write,
        });
        this.#changed({ written: batch.length, removed: 0 });
      }
    }
  }

  /**
   * Removes rows. Milvus does not say how many rows a deletion found: they are looked up first, and deleted by
   * their keys. @returns how many there were.
   */
  async remove(removal: MilvusRemoval): Promise<number> {
    let removed = 0;
    const expressions =
      removal.kind === 'keys' ? piecesOf(removal.keys, keysOfExpression).map(keyIn) : [removal.expression];
    for (const expression of expressions) {
      for (let more = true; more; ) {
        const rows = await this.query(expression, ['key']);
        more = rows.length === maxRowsOfAnswer;
        for (const piece of piecesOf(rows, keysOfExpression)) {
          const keys = piece.map(({ key }) => String(key));
          await this.#connection.call(
            (client) => client.deleteEntities({ collection_name: this.name, expr: keyIn(keys) }),
            { timeoutMs: milvusTimeouts.write },
          );
          removed += keys.length;
        }
      }
    }
    if (removed > 0) this.#changed({ written: 0, removed });
    return removed;
  }
}

const upsert = (
  client: MilvusClient,
  name: string,
  partition: string | undefined,
  rows: readonly MilvusRow[],
) =>
  client.upsert({
    collection_name: name,
    ...(partition === undefined ? {} : { partition_name: partition }),
    // The SDK's type knows lists of numbers only; it reads any that can be iterated.
    data: rows as never,
  });

/** The partition of a key, of so many: `p_0`, `p_1` and so on. */
export function partitionName(key: string, partitions: number): string {
  const hash = createHash('sha256').update(key).digest();
  return `p_${hash.readUInt32BE() % partitions}`;
}

function batchesOf(rows: readonly MilvusRow[]): MilvusRow[][] {
  const batches: MilvusRow[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const size = bytesOf(row);
    const batch = batches.at(-1);
    if (batch === undefined || batch.length === maxRowsOfWrite || bytes + size > maxBytesOfWrite) {
      batches.push([row]);
      bytes = size;
    } else {
      batch.push(row);
      bytes += size;
    }
  }
  return batches;
}

/** About how many bytes a row takes in a message. */
function bytesOf(row: MilvusRow): number {
  let bytes = 0;
  for (const value of Object.values(row)) {
    if (value instanceof Float32Array) bytes += value.byteLength;
    else if (typeof value === 'string') bytes += value.length * 3;
    else if (typeof value === 'object') bytes += JSON.stringify(value).length * 3;
    else bytes += 8;
  }
  return bytes;
}
