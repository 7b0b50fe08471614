import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildArtifacts, readIfThere } from './schema/build-artifacts.ts';
import { check } from './schema/check.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const command = process.argv[2];
if (command === 'write') {
  for (const [path, content] of await buildArtifacts(root)) {
    const file = join(root, path);
    if ((await readIfThere(file)) === content) continue;
    await writeFile(file, content);
    console.log(`wrote ${path}`);
  }
} else if (command === 'check') {
  const problems = await check(root);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  else console.log('The schema, and everything made from it, is as it should be.');
} else {
  console.error('Usage: schema.ts write|check');
  process.exitCode = 2;
}
