// A migration between two real encoders through the whole system: a part of the Cranfield collection goes in under
// the usual encoder, is migrated to a second one while it is searched, and both are compared with the judgements.
//
// usage: node .ci/encoder-migration.mjs CHECKOUT DATA MODEL WORK [DOCUMENTS] [QUERIES]

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const [checkout, data, model, work] = process.argv.slice(2, 6).map((path) => resolve(path));
const [documentCount = 150, queryCount = 20] = process.argv.slice(6).map(Number);

// The part: the judged documents of the first queries, and others up to the count.
const lines = (name) =>
  readFileSync(join(data, name), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
const corpus = lines('corpus.jsonl').map((line) => JSON.parse(line));
const relevant = new Map();
for (const line of lines('qrels.tsv')) {
  const [query, document, score] = line.split('\t');
  if (Number(score) >= 1) relevant.set(query, [...(relevant.get(query) ?? []), document]);
}
const queries = lines('queries.jsonl')
  .map((line) => JSON.parse(line))
  .filter(({ _id }) => relevant.has(_id))
  .slice(0, queryCount);
const judged = new Set(queries.flatMap(({ _id }) => relevant.get(_id)));
const documents = [
  ...corpus.filter(({ _id }) => judged.has(_id)),
  ...corpus.filter(({ _id }) => !judged.has(_id)),
].slice(0, Math.max(documentCount, judged.size));
const folder = mkdtempSync(join(work, 'encoder-migration-'));
const savedQueries = join(folder, 'queries.jsonl');
writeFileSync(
  savedQueries,
  queries
    .map(({ _id, text }) => `${JSON.stringify({ text, relevantSources: relevant.get(_id) })}\n`)
    .join(''),
);

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
  TRIBUTARY_DATA: join(folder, 'data'),
  TRIBUTARY_SAMPLES: 'false',
  TRIBUTARY_NEXT_ENCODER_MODEL: model,
};
const server = spawn('npm', ['start', '--silent'], {
  cwd: checkout,
  env: environment,
  stdio: ['ignore', 'inherit', 'inherit'],
  detached: true,
});
let exited = false;
server.once('exit', () => (exited = true));
// It has a group of its own, so that all of it can be ended, also when this is broken off.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    if (!exited) process.kill(-server.pid, 'SIGTERM');
    process.exit(1);
  });
}

const pause = (ms) => new Promise((next) => setTimeout(next, ms));

async function ask(query, variables) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data: answer, errors } = await response.json();
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return answer;
}

const run = promisify(execFile);
async function tributary(...words) {
  const { stdout } = await run('npx', ['tributary', 'encoders', ...words, '--json', '--url', url], {
    cwd: checkout,
    env: environment,
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout);
}

async function ingest() {
  const waiting = [...documents];
  while (waiting.length > 0) {
    const batch = waiting.splice(0, 20);
    const variables = Object.fromEntries(
      batch.map(({ _id, title, text }, index) => [
        `i${index}`,
        {
          text: `${title}\n\n${text}`.trim() || _id,
          source: _id,
          attributes: title.trim() === '' ? {} : { title },
        },
      ]),
    );
    const result = await ask(
      `mutation (${batch.map((_, index) => `$i${index}: IngestDocumentInput!`).join(', ')}) {
        ${batch.map((_, index) => `d${index}: ingestDocument(input: $i${index}) { __typename ... on Problem { message } }`).join('\n')}
      }`,
      variables,
    );
    const again = batch.filter((_, index) => result[`d${index}`].__typename === 'Busy');
    waiting.push(...again);
    if (again.length > 0) await pause(500);
  }
  for (;;) {
    const { documents: unfinished } = await ask(
      '{ documents(filter: { states: [RECEIVED, PROCESSING] }, first: 1) { totalCount } }',
    );
    if (unfinished.totalCount === 0) return;
    await pause(200);
  }
}

// Searches all the time, and counts what goes wrong.
let searches = 0;
const failures = [];
let stopped = false;
async function keepSearching() {
  for (let turn = 0; !stopped; turn++) {
    const { text } = queries[turn % queries.length];
    try {
      const { search } = await ask(
        `query ($input: SearchInput!) { search(input: $input) {
           hits { nodes { chunk { id document { id } } } } coverage { complete } } }`,
        { input: { text, mode: turn % 2 === 0 ? 'HYBRID' : 'DENSE' } },
      );
      searches++;
      const whole = search.coverage.complete && search.hits.nodes.length > 0;
      if (!whole || search.hits.nodes.some(({ chunk }) => chunk === null))
        failures.push(`${text}: incomplete`);
    } catch (error) {
      failures.push(`${text}: ${error.message}`);
    }
    await pause(50);
  }
}

const wrong = [];
const check = (condition, message) => {
  if (!condition) wrong.push(message);
};
const startedMs = performance.now();
const seconds = () => ((performance.now() - startedMs) / 1000).toFixed(1);
try {
  while (
    !(await fetch(`${url}/ready`).then(
      (response) => response.ok,
      () => false,
    ))
  ) {
    if (exited) throw new Error('npm start ended before it was ready');
    await pause(100);
  }
  console.log(`  ready after ${seconds()} s`);
  await ingest();
  console.log(`  ${documents.length} documents ingested after ${seconds()} s`);
  const searching = keepSearching();
  try {
    const migration = await tributary('migrate', '--queries', savedQueries);
    console.log(`  migrated after ${seconds()} s: ${JSON.stringify(migration)}`);
    check(migration.state === 'READY', `the migration is ${migration.state}`);
    check(migration.passagesEncoded === migration.passagesTotal, 'not all passages were encoded');
    check(
      migration.passagesEncoded >= documents.length - 2,
      `only ${migration.passagesEncoded} passages were encoded`,
    );
    check(migration.failures === 0, `${migration.failures} batches failed`);
    for (const mode of ['dense', 'hybrid']) {
      const { encoders, overlapAt10, meanRankChange } = await tributary(
        ...['compare', '--queries', savedQueries, '--mode', mode],
      );
      for (const { model: name, ndcgAt10, recallAt100 } of encoders) {
        console.log(
          `  ${mode} ${name}: nDCG@10 ${ndcgAt10.toFixed(4)}, recall@100 ${recallAt100.toFixed(4)}`,
        );
      }
      console.log(
        `  ${mode}: overlap@10 ${overlapAt10.toFixed(3)}, mean change of rank ${meanRankChange.toFixed(2)}`,
      );
      const [serving, other] = encoders;
      check(serving.ndcgAt10 > 0.4, `${mode}: ${serving.model} has nDCG@10 ${serving.ndcgAt10}`);
      // On so few queries encoders that are as good as one another differ by several hundredths.
      check(
        other.ndcgAt10 > serving.ndcgAt10 - 0.1,
        `${mode}: ${other.model} is far worse: ${other.ndcgAt10}`,
      );
    }
    for (const fingerprint of [migration.target, migration.source, migration.target]) {
      const { serving } = await tributary('switch', fingerprint);
      check(serving.fingerprint === fingerprint && serving.missing === 0, `not switched to ${fingerprint}`);
      const before = searches;
      while (searches < before + 20 && failures.length === 0) await pause(50);
    }
  } finally {
    stopped = true;
    await searching;
  }
  console.log(
    `  switched, back, and again after ${seconds()} s; ${searches} searches meanwhile, ${failures.length} failed`,
  );
  check(failures.length === 0, `searches failed: ${failures.slice(0, 3).join('; ')}`);
  for (const message of wrong) console.log(`  WRONG: ${message}`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  if (!exited) process.kill(-server.pid, 'SIGTERM');
}
