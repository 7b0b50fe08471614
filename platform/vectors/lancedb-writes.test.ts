import { connect } from '@lancedb/lancedb';
import { describe, expect, it } from 'vitest';
import { DisposableStack } from '../disposable-stack.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { lanceDbTableName, openLanceDbTable } from './lancedb-collection.ts';
import { LanceDbWrites } from './lancedb-writes.ts';
import { vectorRecord } from './testing/vector-records.ts';

async function openWrites() {
  const stack = new DisposableStack();
  const directory = stack.use(await temporaryDirectory());
  const connection = await connect(directory.path);
  const table = await openLanceDbTable(
    connection,
    lanceDbTableName({ family: 'text', fingerprint: '0123456789abcdef' }),
  );
  const commits: number[] = [];
  const writes = new LanceDbWrites(table, (rows) => commits.push(rows));
  return {
    table,
    writes,
    commits,
    async [Symbol.asyncDispose]() {
      await writes.settled();
      table.close();
      connection.close();
      await stack[Symbol.asyncDispose]();
    },
  };
}

describe('LanceDbWrites', () => {
  it('writes in one commit what came while another was under way', async () => {
    await using bench = await openWrites();
    const first = bench.writes.upsert([vectorRecord('first')]);
    const before = await bench.table.version();
    await Promise.all([
      first,
      ...Array.from({ length: 50 }, (_, index) => bench.writes.upsert([vectorRecord(`c${index}`)])),
    ]);
    expect(await bench.table.countRows()).toBe(51);
    expect(bench.commits.reduce((sum, rows) => sum + rows, 0)).toBe(51);
    expect(bench.commits.length).toBeLessThanOrEqual(2);
    expect((await bench.table.version()) - before).toBeLessThanOrEqual(2);
  });

  it('writes no more rows together than are bearable', async () => {
    await using bench = await openWrites();
    const batch = (name: string) =>
      Array.from({ length: 900 }, (_, index) => vectorRecord(`${name}${index}`));
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => bench.writes.upsert(batch(name))));
    expect(bench.commits).toEqual([1_800, 1_800, 900]);
  });

  it('keeps writes and removals in order, and goes on after a rest', async () => {
    await using bench = await openWrites();
    const outcomes = await Promise.all([
      bench.writes.upsert([vectorRecord('a')]),
      bench.writes.remove("chunk_id = 'a'"),
      bench.writes.remove("chunk_id = 'a'"),
      bench.writes.upsert([vectorRecord('b')]),
    ]);
    expect(outcomes).toEqual([undefined, 1, 0, undefined]);
    await bench.writes.settled();
    expect(await bench.writes.remove("chunk_id = 'b'")).toBe(1);
    await expect(bench.writes.remove('no such column = 1')).rejects.toThrow();
    await bench.writes.upsert([vectorRecord('c')]);
    expect(await bench.table.countRows()).toBe(1);
  });

  it('does not begin what its caller has given up', async () => {
    await using bench = await openWrites();
    const gone = new AbortController();
    const first = bench.writes.upsert([vectorRecord('a')]);
    const given = bench.writes.upsert([vectorRecord('b')], gone.signal);
    const removal = bench.writes.remove("chunk_id = 'a'", gone.signal);
    gone.abort(new Error('given up'));
    await expect(given).rejects.toThrow('given up');
    await expect(removal).rejects.toThrow('given up');
    await first;
    expect(await bench.table.countRows()).toBe(1);
  });
});
