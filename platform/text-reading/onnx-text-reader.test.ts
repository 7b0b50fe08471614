import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReadLine, TextReader } from '../ports/text-reader.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import type { Box } from '../types.ts';
import { createOnnxTextReader } from './onnx-text-reader.ts';
import { drawnPicture, openTextReader, pixelsOf, textReaderFolder } from './testing/drawn-pictures.ts';

let reader: TextReader;
beforeAll(async () => {
  reader = await openTextReader();
});
afterAll(() => reader[Symbol.asyncDispose]());

const known = new Map<string, Promise<ReadLine[]>>();

/** The lines of a drawn picture; each is read once. */
function read(name: string): Promise<ReadLine[]> {
  const lines =
    known.get(name) ?? drawnPicture(name).then(async ({ bytes }) => reader.read(await pixelsOf(bytes)));
  known.set(name, lines);
  return lines;
}

/** How many characters have to be put in, left out or changed (Levenshtein, 1966). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}

const edgesOf = ({ left, top, width, height }: Box) => [left, top, left + width, top + height];

/** The largest distance between the edges of two boxes, in fractions of the picture. */
const apart = (a: Box, b: Box): number =>
  Math.max(...edgesOf(a).map((edge, index) => Math.abs(edge - edgesOf(b)[index]!)));

describe('the text reader', { timeout: 120_000 }, () => {
  it('reads clean text of 16 to 40 pixels with at most 5 % of the characters wrong', async () => {
    let wrong = 0;
    let all = 0;
    for (const size of [16, 20, 24, 32, 40]) {
      const { lines } = await drawnPicture(`clean-${size}`);
      const expected = lines.map(({ text }) => text).join('\n');
      const got = (await read(`clean-${size}`)).map(({ text }) => text).join('\n');
      const errors = distance(got, expected);
      expect(errors / expected.length, `${size} pixels: ${got}`).toBeLessThanOrEqual(0.05);
      wrong += errors;
      all += expected.length;
    }
    // What it reaches: a change of how lines are found or cut that costs characters shows here.
    expect(wrong / all).toBeLessThanOrEqual(0.01);
  });

  it('says where each line stands, within 2 % of the picture', async () => {
    for (const name of ['clean-16', 'clean-24', 'clean-40', 'drawing', 'light-on-dark']) {
      const { lines } = await drawnPicture(name);
      const found = await read(name);
      for (const { text, box } of lines) {
        const best = found.reduce((a, b) => (distance(a.text, text) <= distance(b.text, text) ? a : b));
        expect(apart(best.box, box), `${name}: ${text}`).toBeLessThanOrEqual(0.02);
      }
    }
  });

  it('reads labels of drawings, also turned ones, and takes shapes for no text', async () => {
    const { lines } = await drawnPicture('drawing');
    const found = await read('drawing');
    expect(found.map(({ text }) => text).sort()).toEqual(lines.map(({ text }) => text).sort());
    for (const { confidence } of found) {
      expect(confidence).toBeGreaterThan(0.5);
      expect(confidence).toBeLessThanOrEqual(1);
    }
    expect(await read('no-text')).toEqual([]);
  });

  it('reads columns one behind the other', async () => {
    const { lines } = await drawnPicture('columns');
    expect((await read('columns')).map(({ text }) => text)).toEqual(lines.map(({ text }) => text));
  });

  it('reads a page that stands on its head', async () => {
    const { lines } = await drawnPicture('upside-down');
    expect((await read('upside-down')).map(({ text }) => text)).toEqual(lines.map(({ text }) => text));
  });

  it('reads light text on a dark ground', async () => {
    expect((await read('light-on-dark')).map(({ text }) => text)).toEqual(['Do not open under pressure']);
  });

  it('takes pictures of any size', async () => {
    const white = (width: number, height: number) => ({
      width,
      height,
      data: new Uint8Array(width * height * 3).fill(255),
    });
    expect(await reader.read(white(1, 1))).toEqual([]);
    expect(await reader.read(white(3000, 2))).toEqual([]);
    await expect(reader.read({ ...white(2, 2), data: new Uint8Array(3) })).rejects.toThrow(
      'A picture of 2 x 2 pixels has 12 bytes, not 3.',
    );
  });

  it('ends when nobody waits any more, and reads on for others', async () => {
    const page = await pixelsOf((await drawnPicture('clean-40')).bytes);
    const abort = new AbortController();
    const reason = new Error('nobody waits');
    const first = reader.read(page, abort.signal);
    const second = reader.read(page, abort.signal);
    const third = read('light-on-dark');
    abort.abort(reason);
    await expect(first).rejects.toBe(reason);
    await expect(second).rejects.toBe(reason);
    await expect(reader.read(page, abort.signal)).rejects.toBe(reason);
    expect((await third).map(({ text }) => text)).toEqual(['Do not open under pressure']);
  });

  it('describes itself', async () => {
    expect(reader.description.model).toBe('pp-ocr-v4');
    expect(reader.description.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(reader.description.executionProvider).toBe('cpu');
  });
});

describe('a text reader whose files are wrong', () => {
  const open = (folder: string) =>
    createOnnxTextReader({
      ...{ folder, model: 'own', threads: 1, executionProviders: ['cpu'], logger: silentLogger },
    });

  it('says which one is missing', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, 'det.onnx'), '');
    await expect(open(directory.path)).rejects.toThrow(/has no ONNX file with "rec" in its name/);
  });

  it('says which one is no model', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, 'det.onnx'), '');
    await writeFile(join(directory.path, 'rec.onnx'), 'this is a text');
    await expect(open(directory.path)).rejects.toThrow(/rec\.onnx cannot be read: The file is not an ONNX/);
  });

  it('fails as a service that is down where the runtime refuses it, and can be disposed of', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, 'det.onnx'), '');
    await copyFile(join(await textReaderFolder(), 'rec.onnx'), join(directory.path, 'rec.onnx'));
    await using broken = await open(directory.path);
    await expect(broken.read({ width: 1, height: 1, data: new Uint8Array(3) })).rejects.toMatchObject({
      code: 'UPSTREAM',
      service: 'text-reader',
    });
  });

  it('takes the characters from a text file where the recogniser does not say them', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, 'en_det.onnx'), '');
    await writeFile(join(directory.path, 'en_rec.onnx'), '');
    await expect(open(directory.path)).rejects.toThrow(/does not say which characters it knows/);
    await writeFile(join(directory.path, 'keys.txt'), 'a\nb\n');
    await using one = await open(directory.path);
    await writeFile(join(directory.path, 'keys.txt'), 'a\nc\n');
    await using other = await open(directory.path);
    expect(other.description.fingerprint).not.toBe(one.description.fingerprint);
  });
});
