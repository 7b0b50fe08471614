import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { renderTable, replaceTable } from './harness/render.ts';
import { type Report, type Results, reportSchema, resultsSchema } from './harness/report.ts';

const names = ['gateway', 'subscriptions', 'first-token', 'ingest', 'modalities', 'search'];
const resultsFile = fileURLToPath(new URL('results.json', import.meta.url));
const readme = fileURLToPath(new URL('../README.md', import.meta.url));

/** Runs one benchmark in a process of its own. @throws Error when it fails. */
async function run(name: string): Promise<Report> {
  const child = fork(new URL(`${name}.ts`, import.meta.url), {
    execArgv: [...process.execArgv],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const reports: unknown[] = [];
  child.on('message', (message) => reports.push(message));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`The benchmark ${name} ended with ${code}.`);
  return reportSchema.parse(reports.at(-1));
}

/** The newest report of every benchmark: of this run where it has one, else of an earlier one. */
async function merge(reports: readonly Report[]): Promise<Results> {
  const before = existsSync(resultsFile)
    ? resultsSchema.parse(JSON.parse(await readFile(resultsFile, 'utf8'))).reports
    : [];
  const newest = new Map([...before, ...reports].map((report) => [report.name, report]));
  const [processor] = cpus();
  return {
    machine: {
      processor: processor?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 1024 ** 3),
      system: `${type()} ${release().split('-')[0]}`,
      node: process.versions.node,
    },
    reports: names.flatMap((name) => newest.get(name) ?? []),
  };
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}: there are ${names.join(', ')}.`);
  process.exit(2);
}
const failed: string[] = [];
for (const name of wanted.length > 0 ? wanted : names) {
  try {
    const results = await merge([await run(name)]);
    await writeFile(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
    const page = await readFile(readme, 'utf8');
    await writeFile(readme, replaceTable(page, renderTable(results)));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    failed.push(name);
  }
}
if (failed.length > 0) {
  console.error(`Not measured: ${failed.join(', ')}.`);
  process.exit(1);
}
