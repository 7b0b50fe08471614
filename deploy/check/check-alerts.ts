import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectFile } from '../../platform/project-file.ts';

const yamlIn = async (folder: string) =>
  (await readdir(folder)).filter((name) => name.endsWith('.yaml')).map((name) => join(folder, name));

/** Runs the rules' own syntax check and their tests. @returns what promtool found wrong. */
export async function checkAlerts(promtool: string): Promise<string[]> {
  const folder = projectFile('deploy/alerts');
  const problems: string[] = [];
  for (const [what, files] of [
    ['check', await yamlIn(folder)],
    ['test', await yamlIn(join(folder, 'tests'))],
  ] as const) {
    if (files.length === 0) problems.push(`There is nothing to ${what} in ${folder}.`);
    // Warnings of the linter count, too.
    const words =
      what === 'check' ? ['check', 'rules', '--lint-fatal', ...files] : ['test', 'rules', ...files];
    await promisify(execFile)(promtool, words).catch((error: { stdout?: string; stderr?: string }) => {
      problems.push(`promtool ${what} rules:\n${error.stdout ?? ''}${error.stderr ?? ''}`);
    });
  }
  return problems;
}
