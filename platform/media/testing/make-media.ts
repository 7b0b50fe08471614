import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readConfig } from '../../config/config.ts';
import type { MediaDecoder } from '../../ports/media-decoder.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { createFfmpegMediaDecoder, type FfmpegMediaDecoderOptions } from '../ffmpeg-media-decoder.ts';
import { type FfmpegProgram, findFfmpeg } from '../find-ffmpeg.ts';

/** The ffmpeg of this machine, or the packaged one that `npm test` gets where it has none. */
export async function testFfmpeg(): Promise<FfmpegProgram> {
  const program = await findFfmpeg('auto', { directory: readConfig(process.env).modelsDirectory });
  if (program === null) throw new Error('There is no ffmpeg: run npm run models:test, which gets one.');
  return program;
}

/** What decodes media in tests. */
export async function testMediaDecoder(
  limits: Omit<FfmpegMediaDecoderOptions, 'program'> = {},
): Promise<MediaDecoder> {
  return createFfmpegMediaDecoder({ program: await testFfmpeg(), ...limits });
}

/**
 * Makes the file of a recording or a film with ffmpeg itself.
 *
 * @param name of the file: its ending says the container.
 * @param args all but the name of the file to write. Inputs are usually of `-f lavfi`. Each `{0}` stands for the path
 * of the first of `files`, and so on.
 */
export async function makeMedia(
  name: string,
  args: readonly string[],
  files: readonly Uint8Array[] = [],
): Promise<Uint8Array> {
  await using folder = await temporaryDirectory();
  const paths: string[] = [];
  for (const [index, bytes] of files.entries()) {
    const path = join(folder.path, `input-${index}`);
    await writeFile(path, bytes);
    paths.push(path);
  }
  const target = join(folder.path, name);
  const { path: program } = await testFfmpeg();
  const filled = args.map((arg) =>
    arg.replace(/\{(\d)\}/g, (_, index: string) => paths[Number(index)] ?? ''),
  );
  await promisify(execFile)(program, [
    ...[
      '-nostdin',
      '-loglevel',
      'error',
      '-threads',
      '1',
      ...filled,
      '-threads',
      '1',
      '-bitexact',
      '-y',
      target,
    ],
  ]);
  return new Uint8Array(await readFile(target));
}

/** A scene of a film: one colour, for so many seconds. */
export interface Scene {
  readonly colour: string;
  readonly seconds: number;
}

/** The arguments for a film of scenes with hard cuts between them, its moving picture alone. */
export function scenes(list: readonly Scene[], size = '160x120', rate = 10): string[] {
  const inputs = list.flatMap(({ colour, seconds }) => [
    ...['-f', 'lavfi', '-i', `color=c=${colour}:s=${size}:r=${rate}:d=${seconds}`],
  ]);
  const joined = `${list.map((_, index) => `[${index}:v]`).join('')}concat=n=${list.length}:v=1:a=0[v]`;
  return [...inputs, '-filter_complex', joined, '-map', '[v]'];
}
