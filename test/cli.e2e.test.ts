import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../platform/testing/temporary-directory.ts';
import { type System, startSystem } from './system.ts';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

describe('the command line, as it is typed', { timeout: 120_000 }, () => {
  let system: System;

  beforeAll(async () => {
    system = await startSystem('dist/main.js', { TRIBUTARY_SAMPLES: 'true' });
    // The first start loads the samples after it listens: wait until they can be found.
    let listed: { documents: { state: string }[] };
    do listed = JSON.parse((await type('documents', '--json')).out);
    while (listed.documents.filter(({ state }) => state === 'SEARCHABLE').length < 4);
  }, 120_000);
  afterAll(() => system[Symbol.asyncDispose]());

  function type(...words: string[]): Promise<Ended> {
    const child = spawn(process.execPath, [main, ...words], {
      env: { ...process.env, TRIBUTARY_URL: system.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (bytes: Buffer) => {
      out += bytes.toString();
    });
    child.stderr.on('data', (bytes: Buffer) => {
      err += bytes.toString();
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, out, err }));
    });
  }

  it('answers the README’s first question from the samples, with a citation', async () => {
    const { code, out } = await type(
      'ask',
      'How often must the mechanical seal of pump P-101 be inspected?',
      '--style',
      'extractive',
    );
    expect(code).toBe(0);
    expect(out.replace(/\s+/g, ' ')).toContain('must be inspected every 500 operating hours');
    expect(out).toMatch(/\[1\] Harrow Weir Pumping Station: maintenance manual, characters \d+–\d+/);
    expect(out).toContain('(verified)');
  });

  it('streams one event a line, numbered without a gap', async () => {
    const { code, out } = await type(
      'ask',
      'When was the pumping station opened?',
      '--json',
      '--style',
      'extractive',
    );
    expect(code).toBe(0);
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; sequence: number; text?: string });
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)?.type).toBe('AnswerCompleted');
    const text = events.map((event) => (event.type === 'TokenDelta' ? event.text : '')).join('');
    expect(text.replace(/\s+/g, ' ')).toContain('14 May 1987');
  });

  it('finds a page of the PDF', async () => {
    const { code, out } = await type(
      'search',
      'diameter of the new impeller of pump P-102',
      '--json',
      '--top',
      '3',
    );
    expect(code).toBe(0);
    const { hits } = JSON.parse(out) as { hits: { chunk: { locator: object; text: string } }[] };
    const hit = hits.find(({ chunk }) => chunk.text.includes('588 mm'));
    expect(hit?.chunk.locator).toMatchObject({ type: 'PageRegion', page: 2 });
  });

  it('puts a folder in, goes on where one document fails, finds the others, and deletes', async () => {
    await using folder = await temporaryDirectory();
    await mkdir(join(folder.path, 'deep'));
    await writeFile(join(folder.path, 'empty.txt'), '');
    await writeFile(join(folder.path, 'deep', 'ferry.md'), '# Ferry\n\nThe ferry Aurelia sails at noon.\n');
    const ingested = await type('ingest', folder.path, '--tag', 'ferry', '--year', '1999', '--json');
    expect(ingested.code).toBe(1);
    const { documents, ...counts } = JSON.parse(ingested.out) as {
      documents: { state: string; documentId: string; error: { message: string } | null }[];
    };
    expect(counts).toMatchObject({ succeeded: 1, failed: 1, skipped: 0 });
    expect(ingested.err).toContain('failed');
    const id = documents.find(({ state }) => state === 'SUCCEEDED')?.documentId ?? '';

    const found = await type('search', 'When does the Aurelia sail?', '--filter', 'year=1999,tag=ferry');
    expect(found.out).toContain('The ferry Aurelia sails at noon.');
    expect(found.out).toContain(id);

    const removed = await type('delete', id);
    expect(removed.code).toBe(0);
    expect(removed.out).toContain('Receipt    rcp_');
    const again = await type('search', 'When does the Aurelia sail?', '--filter', 'tag=ferry');
    expect(again.out).not.toContain('Aurelia');
    expect((await type('delete', 'doc_00000000000000000000000000')).code).toBe(5);
  });

  it('measures a collection in a tenant of its own, and leaves nothing behind', async () => {
    await using folder = await temporaryDirectory();
    const lines = (values: object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
    await writeFile(
      join(folder.path, 'corpus.jsonl'),
      lines([
        { _id: 'a', title: 'Seals', text: 'The mechanical seal keeps water out of the bearing.' },
        {
          _id: 'b',
          title: 'Bread',
          text: 'Sourdough bread needs flour, water, salt and a night of patience.',
        },
        {
          _id: 'c',
          title: 'Comets',
          text: 'A comet is a lump of ice and dust with a tail that points from the sun.',
        },
        { _id: 'd', title: '', text: '' },
      ]),
    );
    await writeFile(
      join(folder.path, 'queries.jsonl'),
      lines([
        { _id: '1', text: 'how is sourdough bread made' },
        { _id: '2', text: 'what is a comet' },
        { _id: '3', text: 'nobody judged this' },
      ]),
    );
    await writeFile(join(folder.path, 'qrels.tsv'), 'query-id\tcorpus-id\tscore\n1\tb\t1\n2\tc\t1\n');
    const before = JSON.parse((await type('documents', '--json')).out) as { totalCount: number };
    const { code, out, err } = await type('eval', folder.path, '--mode', 'hybrid,sparse', '--json');
    expect({ code, err }).toMatchObject({ code: 0 });
    const found = JSON.parse(out) as { tenant: string; modes: object[]; refused: { id: string }[] };
    expect(found).toMatchObject({ documents: 4, searchable: 3, queries: 2, queriesInCollection: 2 });
    expect(found.refused.map(({ id }) => id)).toEqual(['d']);
    expect(found.modes).toMatchObject([
      { mode: 'HYBRID', ndcgAt10: 1, recallAt100: 1, mrrAt10: 1, incomplete: 0 },
      { mode: 'SPARSE', ndcgAt10: 1, recallAt100: 1, mrrAt10: 1, incomplete: 0 },
    ]);
    const left = await system.query<{ documents: { totalCount: number } }>(
      '{ documents(filter: { states: [RECEIVED, PROCESSING, SEARCHABLE, PARTIAL, FAILED, DELETED] }) { totalCount } }',
      {},
      { 'tributary-tenant': found.tenant },
    );
    expect(left.documents.totalCount).toBe(0);
    const after = JSON.parse((await type('documents', '--json')).out) as { totalCount: number };
    expect(after.totalCount).toBe(before.totalCount);
  });

  it('says that all is there', async () => {
    const { code, out } = await type('doctor', '--json');
    const { findings } = JSON.parse(out) as { findings: { name: string; state: string }[] };
    expect(findings).toContainEqual(expect.objectContaining({ name: 'server', state: 'ok' }));
    expect(findings).toContainEqual(expect.objectContaining({ name: 'access', state: 'ok' }));
    expect(code).toBe(findings.some(({ state }) => state === 'problem') ? 1 : 0);
  });
});
