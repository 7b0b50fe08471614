import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { buildArtifacts, readIfThere, readSources } from './build-artifacts.ts';
import { DeclaredChange, findBreakingChanges } from './find-breaking-changes.ts';
import { findUndescribed } from './find-undescribed.ts';

const run = promisify(execFile);

/**
 * Checks what is checked in against what follows from the contract, and the contract against what
 * clients already know: the last release, the point where this branch began, and the last commit.
 *
 * @returns one sentence for everything that is wrong; none where all is well
 */
export async function check(root: string): Promise<string[]> {
  const problems: string[] = [];
  for (const path of findUndescribed(await readSources(root))) {
    problems.push(`${path} has no description. Say what it is, with its unit, in one sentence above it.`);
  }
  const artifacts = await buildArtifacts(root);
  for (const [path, content] of artifacts) {
    if ((await readIfThere(join(root, path))) !== content) {
      problems.push(`${path} is not what follows from the contract. Run \`npm run schema\` and commit it.`);
    }
  }
  const declared = await readDeclaredChanges(root);
  const after = artifacts.get('schema/public.graphql') ?? '';
  const seen = new Set<string>();
  for (const revision of await baselines(root)) {
    const before = await git(root, 'show', `${revision}:schema/public.graphql`);
    if (before === null) continue;
    for (const { type, path, message } of await findBreakingChanges(before, after, declared)) {
      const key = `${type} ${path}`;
      if (seen.has(key)) continue;
      seen.add(key);
      problems.push(
        `${message} This breaks clients (${type}, since ${revision.slice(0, 12)}). Keep the old form too, or declare ` +
          `{"type": "${type}", "path": "${path}", "reason": "…"} in schema/breaking-changes.json.`,
      );
    }
  }
  return problems;
}

async function readDeclaredChanges(root: string): Promise<DeclaredChange[]> {
  const text = await readIfThere(join(root, 'schema/breaking-changes.json'));
  return text === null ? [] : z.array(DeclaredChange).parse(JSON.parse(text));
}

/** The revisions whose clients must go on working; the schema may be missing in them. */
async function baselines(root: string): Promise<string[]> {
  const release = await git(root, 'describe', '--tags', '--abbrev=0');
  const branch =
    (await git(root, 'merge-base', 'HEAD', 'origin/main')) ?? (await git(root, 'merge-base', 'HEAD', 'main'));
  const parent = await git(root, 'rev-parse', '--verify', '--quiet', 'HEAD~1');
  const revisions = [release, branch, parent, 'HEAD'].flatMap((revision) => revision?.trim() || []);
  return [...new Set(revisions)];
}

async function git(root: string, ...words: string[]): Promise<string | null> {
  try {
    return (await run('git', words, { cwd: root, maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch {
    return null; // There is no such revision or file, or this is no working copy: nothing to compare with.
  }
}
