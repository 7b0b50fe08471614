// `npm start`, `npm run start:<service>` and `npm run cluster`: installs what is missing, gets the models, builds, and
// runs the whole system in one process, one service of it, or all of it as processes on real stores. What is there
// already is not done again.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const services = ['gateway', 'ingest', 'worker', 'retrieval', 'generation', 'cluster'];

/** Ends with one sentence that says what is wrong. */
function fail(message) {
  console.error(message);
  process.exit(1);
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Tributary needs Node 20.19 or later, and this is ${process.versions.node}: install a newer one.`);
}

const [service, ...others] = process.argv.slice(2);
// The cluster reads words of its own.
if ((others.length > 0 && service !== 'cluster') || (service !== undefined && !services.includes(service))) {
  fail(
    `There is no service "${[service, ...others].join(' ')}": start ${services.join(', ')}, or all in one without a name.`,
  );
}

const { ensureDependencies, execute, root } = await import('./dependencies.mjs');
const { makeLean } = await import('./lean.mjs');
const { ensureBuilt } = await import('./build.mjs');

// Where a developer has installed the packages for development too, they stay.
const dev = existsSync(join(root, 'node_modules', 'vitest'));
if (!(await ensureDependencies({ dev }))) {
  fail('The packages could not be installed: npm says above why. Mend that and start again.');
}
makeLean();
if (!(await ensureBuilt(() => console.error('Building …')))) {
  fail('The build failed: the compiler says above why.');
}
if (service !== 'gateway') {
  const status = await execute(process.execPath, [join(root, 'dist', 'platform', 'models', 'main.js')]);
  // It has said in one sentence what is wrong.
  if (status !== 0) process.exit(status);
}
const entries = {
  gateway: 'gateway/main.js',
  worker: 'subgraphs/ingest/worker-main.js',
  cluster: 'deploy/cluster/main.js',
};
const entry = service === undefined ? 'main.js' : (entries[service] ?? `subgraphs/${service}/main.js`);
// What the program reads are its own words.
process.argv.splice(2, service === undefined ? 0 : 1);
// In this very process, so that signals and the exit status need nobody to pass them on.
await import(pathToFileURL(join(root, 'dist', entry)).href);
