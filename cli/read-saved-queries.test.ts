import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../platform/testing/temporary-directory.ts';
import { renderEncoders } from './commands/encoders.ts';
import { readSavedQueries } from './read-saved-queries.ts';

it('reads saved queries, one a line, and names the line that is wrong', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'queries.jsonl');
  await writeFile(file, '{"text":"one","relevantSources":["a"]}\n\n{"text":"two"}\n');
  expect(await readSavedQueries(file)).toEqual([
    { text: 'one', relevantDocumentIds: [], relevantSources: ['a'] },
    { text: 'two', relevantDocumentIds: [], relevantSources: [] },
  ]);
  await writeFile(file, '{"text":"one"}\n{"query":"two"}\n');
  await expect(readSavedQueries(file)).rejects.toThrow(/^Line 2 of .* is not a saved query\. Write /);
  await expect(readSavedQueries(join(directory.path, 'none'))).rejects.toThrow('cannot be read');
});

it('shows which encoder serves, and how far a migration is', () => {
  const encoder = { fingerprint: 'aa', model: 'old', loaded: true, kept: true, vectors: 9, missing: 0 };
  const lines = renderEncoders({
    encoders: [
      { ...encoder, serving: true },
      {
        ...{ ...encoder, serving: false },
        ...{ fingerprint: 'bb', model: 'new', loaded: false, vectors: 4, missing: 5 },
      },
    ],
    encoderMigrations: [
      {
        ...{ id: 'mig_1', state: 'RUNNING', source: 'aa', target: 'bb' },
        ...{ sourceModel: 'old', targetModel: 'new', listed: false, passagesTotal: 9, passagesEncoded: 4 },
        ...{
          passagesPresent: 0,
          vectorsRemoved: 0,
          failures: 1,
          quality: null,
          readyAt: null,
          finishedAt: null,
        },
        error: { code: 'BUSY', message: 'Too much to do.' },
        createdAt: '2026-11-23T00:00:00.000Z',
      },
    ],
  });
  expect(lines).toEqual([
    'aa  serves   old: 9 vectors, 0 missing',
    'bb           new: 4 vectors, 5 missing (loaded nowhere)',
    'mig_1  running  old → new: 4 of 9 or more encoded, 0 there before, 1 failures (Too much to do.)',
  ]);
});
