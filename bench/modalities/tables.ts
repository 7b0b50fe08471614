import type { DisposableStack } from '../../platform/disposable-stack.ts';
import { createRandom, createWords } from '../corpus/random.ts';
import type { Findings } from '../harness/benchmark.ts';
import { openBareTextEncoder } from '../models/open-bare-text-encoder.ts';
import { addFiles } from '../system/add-files.ts';
import { caller, type System } from '../system/start-system.ts';
import { measureStages } from './measure-stages.ts';

const rows = 1500;

/** Rows a second of a parts list as CSV. */
export async function measureTables(system: System, stack: DisposableStack): Promise<Findings> {
  const bare = await openBareTextEncoder(system, stack);
  const random = createRandom(7);
  const word = createWords(random);
  let seen = await textPassages(system);
  let newest: Int32Array[] = [];

  function table(): string {
    const line = (_: unknown, row: number) =>
      `${row + 1},${word()} ${word()},${word()},${(random() * 900).toFixed(2)},${Math.floor(random() * 50)}`;
    return ['number,part,maker,price,in stock', ...Array.from({ length: rows }, line), ''].join('\n');
  }

  return measureStages({
    what: 'Tables',
    noun: 'rows',
    setup: `one CSV of ${rows} rows and 5 columns a round; the session alone runs the token ids of the same passages, one at a time as our encoder does.`,
    peer: 'onnxruntime by itself, the same rows as token ids',
    async ingest() {
      await addFiles(system, [{ name: 'parts.csv', bytes: new TextEncoder().encode(table()) }]);
      newest = [];
      return rows;
    },
    async encode() {
      for (const text of newest) await bare.run([text]);
      return rows;
    },
    async prepare() {
      newest = await bare.tokens(seen);
      seen += newest.length;
    },
  });
}

/** How many passages of text there are. */
async function textPassages({ database }: System): Promise<number> {
  return database.forTenant(caller.tenant, async (client) => {
    const { rows } = await client.query<{ count: number }>(
      "select count(*)::int as count from chunks where family = 'text'",
    );
    return rows[0]?.count ?? 0;
  });
}
