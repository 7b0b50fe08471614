import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../platform/testing/temporary-directory.ts';
import { buildArtifacts, subgraphNames } from './schema/build-artifacts.ts';
import { check } from './schema/check.ts';
import { CompositionError, compose } from './schema/compose.ts';
import { findUndescribed } from './schema/find-undescribed.ts';

const run = promisify(execFile);
const project = fileURLToPath(new URL('..', import.meta.url));

/** A working copy of its own with the contract and what follows from it, committed. */
async function workingCopy() {
  const folder = await temporaryDirectory();
  const root = folder.path;
  await mkdir(join(root, 'schema'));
  for (const name of subgraphNames) {
    await copyFile(join(project, 'schema', `${name}.graphql`), join(root, 'schema', `${name}.graphql`));
    await mkdir(join(root, 'subgraphs', name), { recursive: true });
  }
  const write = async () => {
    for (const [path, content] of await buildArtifacts(root)) await writeFile(join(root, path), content);
  };
  const git = (...words: string[]) =>
    run('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...words], { cwd: root });
  const edit = async (path: string, change: (text: string) => string) => {
    const file = join(root, path);
    const before = await readFile(file, 'utf8');
    const after = change(before);
    expect(after).not.toBe(before);
    await writeFile(file, after);
  };
  await write();
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '.');
  await git('commit', '--quiet', '--message=Begin');
  return { root, write, git, edit, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

describe('what is checked in', { timeout: 120_000 }, () => {
  it('is found to have drifted, by its name', async () => {
    await using copy = await workingCopy();
    expect(await check(copy.root)).toEqual([]);
    await copy.edit('schema/public.graphql', (text) => text.replace('scalar JSON', 'scalar Json'));
    await copy.edit('subgraphs/ingest/schema.generated.ts', (text) => `${text}\n`);
    expect(await check(copy.root)).toEqual([
      expect.stringContaining('schema/public.graphql is not what follows from the contract'),
      expect.stringContaining('subgraphs/ingest/schema.generated.ts is not what follows from the contract'),
    ]);
  });

  it('follows a subgraph’s own models and context', async () => {
    await using copy = await workingCopy();
    await writeFile(join(copy.root, 'subgraphs/ingest/models.ts'), 'export interface DocumentModel {}\n');
    await writeFile(join(copy.root, 'subgraphs/ingest/context.ts'), 'export interface IngestContext {}\n');
    const types = (await buildArtifacts(copy.root)).get('subgraphs/ingest/schema.generated.ts');
    expect(types).toContain("import type { DocumentModel } from './models.ts';");
    expect(types).toContain("import type { IngestContext } from './context.ts';");
    expect(types).toContain('Document: ResolverTypeWrapper<DocumentModel>;');
  });
});

describe('a change that breaks clients', { timeout: 120_000 }, () => {
  const removeAuthor = (text: string) =>
    text.replace(
      / {2}"Who wrote it, as the uploader said or the file itself says."\n {2}author: String\n/,
      '',
    );

  it('is refused, also after it was committed, until it is declared', async () => {
    await using copy = await workingCopy();
    await copy.edit('schema/ingest.graphql', removeAuthor);
    await copy.write();
    const refused = [
      expect.stringContaining('{"type": "FIELD_REMOVED", "path": "Document.author", "reason": "…"}'),
    ];
    expect(await check(copy.root)).toEqual(refused);
    await copy.git('commit', '--quiet', '--all', '--message=Break');
    expect(await check(copy.root)).toEqual(refused);
    const declared = [
      { type: 'FIELD_REMOVED', path: 'Document.author', reason: 'Ask for `authors` instead.' },
    ];
    await writeFile(join(copy.root, 'schema/breaking-changes.json'), JSON.stringify(declared));
    expect(await check(copy.root)).toEqual([]);
  });

  it('is refused where the last release did not have it', async () => {
    await using copy = await workingCopy();
    await copy.git('tag', 'v1.0.0');
    await copy.edit('schema/ingest.graphql', removeAuthor);
    await copy.write();
    await copy.git('commit', '--quiet', '--all', '--message=Break');
    await copy.git('commit', '--quiet', '--allow-empty', '--message=Go on');
    expect(await check(copy.root)).toEqual([expect.stringContaining('Document.author')]);
  });

  it('is not an added field', async () => {
    await using copy = await workingCopy();
    await copy.edit('schema/ingest.graphql', (text) =>
      text.replace('type Gap {', 'type Gap {\n  "How bad it is."\n  severity: Int\n'),
    );
    await copy.write();
    expect(await check(copy.root)).toEqual([]);
  });
});

describe('the contract itself', () => {
  const head =
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n';

  it('needs a description of every type, field, argument and value', () => {
    const sdl = `${head}
      type Query { "A thing." thing(id: ID!, "What size." size: Size): Thing }
      "A thing." type Thing { id: ID! }
      "A size." enum Size { SMALL "Large." LARGE }
      "What to ask." input Ask { text: String }
      union Any = Thing
      scalar Date`;
    expect(findUndescribed([{ name: 'one', sdl }])).toEqual([
      'one: Query',
      'one: Query.thing(id)',
      'one: Thing.id',
      'one: Size.SMALL',
      'one: Ask.text',
      'one: Any',
      'one: Date',
    ]);
  });

  it('is refused where the subgraphs contradict each other', () => {
    const one = { name: 'one', sdl: `${head} type Query { a: Thing } type Thing @shareable { id: ID! }` };
    const two = { name: 'two', sdl: `${head} type Query { b: Thing } type Thing @shareable { id: Int! }` };
    expect(() => compose([one, two])).toThrow(CompositionError);
    expect(() => compose([one, two])).toThrow('FIELD_TYPE_MISMATCH');
  });
});
