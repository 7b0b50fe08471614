import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { execute, root } from './dependencies.mjs';

const sources = ['main.ts', 'gateway', 'subgraphs', 'platform', 'cli', 'eval', 'samples', 'deploy'];
const alsoDecisive = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
const stamp = join(root, 'dist', '.sources');

/**
 * Builds the program into `dist/`, unless it was built from the very same files: told by their names, sizes
 * and times, in a few milliseconds.
 *
 * @param {() => void} onBuild called before a build begins
 * @returns {Promise<boolean>} whether what is in `dist/` is up to date now
 */
export async function ensureBuilt(onBuild = () => {}) {
  const state = stateOfSources();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return true;
  onBuild();
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  // Types are checked by the tests; the declarations that it takes are not installed to run the program.
  const project = join(root, 'tsconfig.build.json');
  const status = await execute(process.execPath, [compiler, '-p', project, '--noCheck']);
  if (status !== 0) return false;
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, state);
  // The compiler leaves its own note as it was where nothing had changed but times.
  const note = join(root, 'dist', '.tsbuildinfo');
  if (existsSync(note)) utimesSync(note, new Date(), new Date());
  return true;
}

function stateOfSources() {
  const hash = createHash('sha256');
  const add = (path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return;
    if (found.isDirectory()) {
      for (const name of readdirSync(path).sort()) add(join(path, name));
    } else if (path.endsWith('.ts') ? !path.endsWith('.test.ts') : path.endsWith('.json')) {
      hash.update(`${relative(root, path)}\0${found.size}\0${found.mtimeMs}\n`);
    }
  };
  for (const path of [...sources, ...alsoDecisive]) add(join(root, path));
  return hash.digest('hex');
}
