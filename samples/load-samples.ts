import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { projectFile } from '../platform/project-file.ts';

export interface LoadSamplesOptions {
  /** Sends a request to the gateway, as somebody who may put documents in. */
  readonly send: (request: Request) => Promise<Response>;
  /** Where it is noted that the samples were loaded once: a sample that was deleted stays deleted. */
  readonly dataDirectory: string;
}

/** The endings of what is put in; the questions about it are not. */
const endings = new Set([
  ...['.md', '.txt', '.html', '.pdf', '.eml', '.csv', '.jsonl', '.png', '.ogg', '.mp4'],
]);

/**
 * Puts the sample library in, once in the life of a data folder, by the same requests that any client makes.
 *
 * @returns how many documents were put in.
 * @throws Error when one is refused.
 */
export async function loadSamples({ send, dataDirectory }: LoadSamplesOptions): Promise<number> {
  const note = join(dataDirectory, 'samples-loaded');
  if (existsSync(note)) return 0;
  const folder = projectFile('samples');
  const names = (await readdir(folder)).filter((name) => endings.has(extname(name)) && name !== 'README.md');
  for (const name of names.sort()) {
    const form = new FormData();
    form.set('source', `samples/${name}`);
    form.set('tags', 'sample');
    form.set('file', new Blob([await readFile(join(folder, name))]), name);
    const response = await send(new Request('http://127.0.0.1/v1/documents', { method: 'POST', body: form }));
    if (!response.ok) throw new Error(`The sample ${name} was refused: ${await response.text()}`);
  }
  await writeFile(note, `${new Date().toISOString()}\n`);
  return names.length;
}
