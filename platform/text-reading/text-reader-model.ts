import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOnnxMetadata } from './read-onnx-metadata.ts';

/** Goes into the fingerprint: a change of what is done before and behind the models reads other lines. */
const processingVersion = 1;

/** A detector and a recogniser as their own files describe them. */
export interface TextReaderModel {
  /** The path of the detector's ONNX file. */
  readonly detector: string;
  /** The path of the recogniser's ONNX file. */
  readonly recogniser: string;
  /** What the classes of the recogniser stand for, from class 1 on; class 0 is the blank. */
  readonly characters: readonly string[];
  /** Hash over everything that decides what is read; 16 hexadecimal characters. */
  readonly fingerprint: string;
}

/**
 * Reads a folder with the ONNX export of a PP-OCR model: one file with `det` in its name, one with `rec`, and the
 * recogniser's characters, either in its metadata (`character`) or in a text file with a character a line.
 *
 * @throws Error that names what is missing.
 */
export async function readTextReaderModel(folder: string): Promise<TextReaderModel> {
  const files = (await readdir(folder)).sort();
  const find = (part: string, pattern: RegExp): string => {
    const file = files.find((name) => pattern.test(name));
    if (file === undefined) {
      throw new Error(`${folder} has no ONNX file with "${part}" in its name (it has ${files.join(', ')}).`);
    }
    return file;
  };
  const detectorFile = find('det', /(?<![a-z])det(?![a-z]).*\.onnx$/i);
  const recogniserFile = find('rec', /(?<![a-z])rec(?![a-z]).*\.onnx$/i);
  const detectorBytes = await readFile(join(folder, detectorFile));
  const recogniserBytes = await readFile(join(folder, recogniserFile));
  const textFile = files.find((name) => /\.txt$/i.test(name));
  const list =
    metadataOf(recogniserBytes, recogniserFile).get('character') ??
    (textFile === undefined ? undefined : await readFile(join(folder, textFile), 'utf8'));
  if (list === undefined) {
    throw new Error(
      `${recogniserFile} does not say which characters it knows, and ${folder} has no text file that does.`,
    );
  }
  // The space is not in the list: it is the last class, in all models of the family.
  const characters = [...list.replace(/\r/g, '').replace(/\n$/, '').split('\n'), ' '];
  const fingerprint = createHash('sha256')
    .update(sha256(detectorBytes) + sha256(recogniserBytes))
    .update(JSON.stringify({ characters, processingVersion }))
    .digest('hex')
    .slice(0, 16);
  return {
    detector: join(folder, detectorFile),
    recogniser: join(folder, recogniserFile),
    characters,
    fingerprint,
  };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function metadataOf(bytes: Uint8Array, file: string): Map<string, string> {
  try {
    return readOnnxMetadata(bytes);
  } catch (error) {
    throw new Error(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
