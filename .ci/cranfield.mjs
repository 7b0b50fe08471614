// Retrieval quality through the whole system: the Cranfield collection goes in by the real ingest and is
// searched through the gateway, in all three modes.
//
// usage: node .ci/cranfield.mjs CHECKOUT DATA WORK

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';

const [checkout, data, work] = process.argv.slice(2).map((path) => resolve(path));
const least = {
  HYBRID: { ndcgAt10: 0.56, recallAt100: 0.8 },
  DENSE: { ndcgAt10: 0.515, recallAt100: 0.795 },
  SPARSE: { ndcgAt10: 0.518, recallAt100: 0.753 },
};

const port = await new Promise((done) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const chosen = server.address().port;
    server.close(() => done(chosen));
  });
});
const url = `http://127.0.0.1:${port}`;
const environment = {
  ...process.env,
  PORT: String(port),
  TRIBUTARY_DATA: mkdtempSync(join(work, 'cranfield-')),
  TRIBUTARY_SAMPLES: 'false',
};
const server = spawn('npm', ['start', '--silent'], {
  cwd: checkout,
  env: environment,
  stdio: ['ignore', 'inherit', 'inherit'],
  detached: true,
});
let exited = false;
server.once('exit', () => (exited = true));
try {
  while (
    !(await fetch(`${url}/ready`).then(
      (response) => response.ok,
      () => false,
    ))
  ) {
    if (exited) throw new Error('npm start ended before it was ready');
    await new Promise((next) => setTimeout(next, 100));
  }
  const report = JSON.parse(
    execFileSync(
      'npx',
      ['tributary', 'eval', data, '--mode', 'hybrid,dense,sparse', '--json', '--url', url],
      {
        cwd: checkout,
        env: environment,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
        maxBuffer: 64 * 1024 * 1024,
      },
    ),
  );
  let short = 0;
  for (const [mode, { ndcgAt10, recallAt100 }] of Object.entries(least)) {
    const got = report.modes.find((candidate) => candidate.mode === mode);
    const enough = got.ndcgAt10 >= ndcgAt10 && got.recallAt100 >= recallAt100;
    if (!enough) short += 1;
    console.log(
      `  ${mode}: nDCG@10 ${got.ndcgAt10.toFixed(4)} (at least ${ndcgAt10}), recall@100 ${got.recallAt100.toFixed(4)} (at least ${recallAt100})${enough ? '' : ': TOO LOW'}`,
    );
  }
  console.log(`  seconds: ${JSON.stringify(report.seconds)}`);
  process.exitCode = short === 0 ? 0 : 1;
} finally {
  if (!exited) process.kill(-server.pid, 'SIGTERM');
}
