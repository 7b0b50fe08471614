// A first start as a new user has it: a fresh clone, no packages, no models, no data. Then the commands of
// the README's first five minutes, exactly as they stand there, and a second start that must have kept it all.
//
// usage: node .ci/first-start.mjs CHECKOUT WORK

import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';

const [checkout, work] = process.argv.slice(2).map((path) => resolve(path));
const clone = join(work, 'first-start');
const home = join(work, 'home');
mkdirSync(home, { recursive: true });
execFileSync('git', ['clone', '--quiet', checkout, clone]);

const maxInstalledMegabytes = 800;

function freePort() {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TRIBUTARY_'))),
  PORT: String(port),
  TRIBUTARY_MODELS: join(home, 'models'),
};

async function start() {
  const began = performance.now();
  const child = spawn('npm', ['start', '--silent'], {
    cwd: clone,
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  let exited = false;
  child.once('exit', () => (exited = true));
  for (;;) {
    if (exited) throw new Error('npm start ended before it was ready');
    const ready = await fetch(`${url}/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) break;
    await new Promise((next) => setTimeout(next, 100));
  }
  const seconds = (performance.now() - began) / 1000;
  const stop = () =>
    new Promise((done) => {
      if (exited) return done();
      child.once('exit', done);
      process.kill(-child.pid, 'SIGTERM');
    });
  return { seconds, stop };
}

function tributary(args) {
  return execFileSync('npx', ['tributary', ...args, '--url', url], {
    cwd: clone,
    env: environment,
    encoding: 'utf8',
  });
}

function check(condition, claim) {
  if (!condition) throw new Error(`not so: ${claim}`);
  console.log(`  ok: ${claim}`);
}

const documentsNow = () => JSON.parse(tributary(['documents', '--json'])).documents.length;

async function waitForSamples() {
  for (;;) {
    const states = JSON.parse(tributary(['documents', '--json'])).documents.map((document) => document.state);
    if (states.length > 0 && states.every((state) => state === 'SEARCHABLE')) return;
    await new Promise((next) => setTimeout(next, 500));
  }
}

const first = await start();
try {
  console.log(`  ready after ${first.seconds.toFixed(1)} s, downloads included`);
  const installed = Number(
    execFileSync('du', ['-sm', join(clone, 'node_modules')], { encoding: 'utf8' }).split('\t')[0],
  );
  check(
    installed <= maxInstalledMegabytes,
    `${installed} MB are installed, at most ${maxInstalledMegabytes} are allowed`,
  );
  await waitForSamples();

  // Every line `npx tributary …` of the README's console blocks is run, and what stands below it is looked for.
  const readme = readFileSync(join(clone, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/```console\n([\s\S]*?)```/g)].map((match) => match[1]);
  const commands = blocks
    .flatMap((block) => block.split(/^\$ /m).slice(1))
    .filter((text) => text.startsWith('npx tributary '));
  check(commands.length >= 3, `the README shows ${commands.length} commands`);
  for (const text of commands) {
    const [command, ...expected] = text.trimEnd().split('\n');
    const output = execFileSync('sh', ['-c', command], {
      cwd: clone,
      env: { ...environment, TRIBUTARY_URL: url },
      encoding: 'utf8',
    });
    for (const line of expected.map((item) => item.trim()).filter((item) => item !== '' && item !== '…')) {
      check(output.includes(line), `\`${command}\` prints "${line}"`);
    }
    if (expected.length === 0) check(true, `\`${command}\` succeeds`);
  }
  // So is every query and subscription that it shows.
  const operations = [...readme.matchAll(/```graphql\n([\s\S]*?)```/g)].map((match) => match[1]);
  check(operations.length >= 2, `the README shows ${operations.length} operations`);
  for (const query of operations) {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: query.startsWith('subscription') ? 'text/event-stream' : 'application/graphql-response+json',
      },
      body: JSON.stringify({ query }),
    });
    const text = await response.text();
    const name = query.split('(')[0].replace(/\s+/g, ' ');
    check(response.ok && !text.includes('"errors"'), `\`${name}\` is answered without an error`);
    if (query.startsWith('subscription')) check(text.includes('COMPLETED'), `\`${name}\` ends whole`);
  }
  const before = documentsNow();
  await first.stop();

  const second = await start();
  try {
    console.log(`  second start ready after ${second.seconds.toFixed(1)} s`);
    check(documentsNow() === before, `the second start has kept all ${before} documents`);
  } finally {
    await second.stop();
  }
} finally {
  await first.stop();
}
