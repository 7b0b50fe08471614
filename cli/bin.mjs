#!/usr/bin/env node
// `tributary …`: runs the built command line, and builds it first where the sources are newer.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, 'dist', 'cli', 'main.js');
// As old as the last build.
const stamp = join(root, 'dist', '.tsbuildinfo');

function newest(folder) {
  let time = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) time = Math.max(time, newest(path));
    else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts')) {
      time = Math.max(time, statSync(path).mtimeMs);
    }
  }
  return time;
}

function isFresh() {
  if (!existsSync(main) || !existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  return ['cli', 'eval', 'gateway', 'platform'].every((folder) => newest(join(root, folder)) <= built);
}

if (!isFresh()) {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (existsSync(compiler)) {
    console.error('Building the command line …');
    spawnSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], {
      cwd: root,
      stdio: ['ignore', 2, 2],
    });
    // The compiler leaves it as it was where nothing had changed but times.
    if (existsSync(stamp)) utimesSync(stamp, new Date(), new Date());
  }
}

if (existsSync(main)) await import(main);
else {
  console.error(
    'Tributary is not installed yet. Run `npm start` in its folder first; it installs and builds everything.',
  );
  process.exitCode = 1;
}
