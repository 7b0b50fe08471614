import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { readConfig } from '../../config/config.ts';
import { ensureTextReader } from '../../models/ensure-text-reader.ts';
import type { Pixels } from '../../ports/pixels.ts';
import type { TextReader } from '../../ports/text-reader.ts';
import { silentLogger } from '../../testing/silent-logger.ts';
import type { Box } from '../../types.ts';
import { createOnnxTextReader } from '../onnx-text-reader.ts';

/** One line of a drawn picture, and where it has ink. */
export interface DrawnLine {
  readonly text: string;
  readonly box: Box;
}

/** A picture in `pictures/`, and what is written in it, in reading order. */
export interface DrawnPicture {
  readonly file: string;
  readonly lines: readonly DrawnLine[];
}

const folder = new URL('./pictures/', import.meta.url);

/** The bytes of a drawn picture, a PNG, and the lines that are written in it. */
export async function drawnPicture(name: string): Promise<{ bytes: Buffer; lines: readonly DrawnLine[] }> {
  const file = `${name}.png`;
  const described = JSON.parse(await readFile(new URL('pictures.json', folder), 'utf8')) as DrawnPicture[];
  const found = described.find((picture) => picture.file === file);
  if (found === undefined) throw new Error(`there is no drawn picture "${name}"`);
  return { bytes: await readFile(new URL(file, folder)), lines: found.lines };
}

/** The pixels of the file of a picture. */
export async function pixelsOf(bytes: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(bytes)
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

async function ensure() {
  const { modelsDirectory, modelHub, offline } = readConfig(process.env);
  return ensureTextReader('auto', { directory: modelsDirectory, hub: modelHub, offline });
}

/** The folder of the default text reader, in the models' folder that all commands share. */
export const textReaderFolder = async (): Promise<string> => (await ensure()).folder;

/** The default text reader itself. */
export async function openTextReader(): Promise<TextReader> {
  const { model, folder: weights } = await ensure();
  return createOnnxTextReader({
    ...{ model, folder: weights, threads: 1, executionProviders: ['cpu'], logger: silentLogger },
  });
}
