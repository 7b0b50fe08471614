import type { Table } from '@lancedb/lancedb';
import { lanceDbRows } from './lancedb-rows.ts';
import { OrderedWrites } from './ordered-writes.ts';
import { retryConflicts } from './retry-conflicts.ts';

/** The most rows of one commit, unless one caller has more: some ten megabytes of vectors. */
const maxRows = 2_048;

/**
 * The writes of this process to one table, one commit after the other: two at once would only conflict. What is
 * removed is named by a predicate in SQL.
 */
export class LanceDbWrites extends OrderedWrites<string> {
  /** @param wrote is told of every commit, and how many rows it wrote or removed. */
  constructor(table: Table, wrote: (rows: number) => void) {
    super({
      maxRows,
      async write(records) {
        // Of several with the same key the last one counts, as it would if they came one after the other.
        const rows = lanceDbRows(records);
        await retryConflicts(() =>
          table.mergeInsert('key').whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(rows),
        );
        wrote(rows.numRows);
      },
      async remove(predicate) {
        const { numDeletedRows } = await retryConflicts(() => table.delete(predicate));
        if (numDeletedRows > 0) wrote(numDeletedRows);
        return numDeletedRows;
      },
    });
  }
}
