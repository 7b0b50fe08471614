#!/usr/bin/env node
// `tributary …`: runs the built command line, and builds it first where the sources have changed since.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/cli/main.js', import.meta.url);
const compiler = new URL('../node_modules/typescript/bin/tsc', import.meta.url);

if (existsSync(fileURLToPath(compiler))) {
  const { ensureBuilt } = await import('../tools/build.mjs');
  await ensureBuilt(() => console.error('Building …'));
}
if (existsSync(fileURLToPath(main))) await import(main.href);
else {
  console.error(
    'Tributary is not installed yet: run `npm start` in its folder first; it installs and builds everything.',
  );
  process.exitCode = 1;
}
