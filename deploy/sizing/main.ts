import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFile } from '../../platform/project-file.ts';
import { readFigures } from './figures.ts';
import { measureDatabase } from './measure-database.ts';
import { renderSizing, replaceSizing } from './render-sizing.ts';

/**
 * `npm run sizing` computes docs/cluster/sizing.md from figures.json; `npm run sizing -- --measure` measures PostgreSQL's
 * share first and says what it found, for figures.json.
 */
if (process.argv.includes('--measure')) {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-sizing-'));
  try {
    console.log(await measureDatabase(join(folder, 'postgres')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
const file = projectFile('docs/cluster/sizing.md');
await writeFile(file, replaceSizing(await readFile(file, 'utf8'), renderSizing(await readFigures())));
console.log(`${file} is computed.`);
