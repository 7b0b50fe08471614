import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { rejected } from '../errors.ts';
import type { EnsureModelOptions } from '../models/ensure-model.ts';
import { packagedFfmpeg } from './packaged-ffmpeg.ts';

/** An ffmpeg that runs. */
export interface FfmpegProgram {
  readonly path: string;
  /** What it calls itself: `5.1.9`. */
  readonly version: string;
}

/** Older ones lack options that hold them to limits. */
const oldest = { major: 4, minor: 4 };

/**
 * Finds the ffmpeg of the setting `TRIBUTARY_FFMPEG`: with `auto` that of the `PATH` where it is new enough, else the
 * packaged one where it is there already. Downloads nothing.
 *
 * @returns null with `none`, and where `auto` finds none.
 * @throws TributaryError `REJECTED_INPUT` where the setting names a program that cannot be used.
 */
export async function findFfmpeg(
  setting: string,
  options: Pick<EnsureModelOptions, 'directory' | 'models' | 'signal'>,
): Promise<FfmpegProgram | null> {
  if (setting === 'none') return null;
  if (setting === 'auto') {
    const onPath = await inspect('ffmpeg', options.signal);
    if (onPath.program !== null) return onPath.program;
    const path = await packagedFfmpeg({ ...options, hub: null, offline: true }).catch(() => null);
    return path === null ? null : (await inspect(path, options.signal)).program;
  }
  const { program, problem } = await inspect(setting, options.signal);
  if (program !== null) return program;
  throw rejected(
    'WRONG_FFMPEG',
    `TRIBUTARY_FFMPEG is ${JSON.stringify(setting)}, which cannot be used: ${problem}. Set it to the path of an ffmpeg program of at least ${oldest.major}.${oldest.minor}, to auto, or to none.`,
  );
}

async function inspect(
  path: string,
  signal: AbortSignal | undefined,
): Promise<
  | { readonly program: FfmpegProgram; readonly problem: null }
  | { readonly program: null; readonly problem: string }
> {
  try {
    const { stdout } = await promisify(execFile)(path, ['-hide_banner', '-version'], {
      timeout: 10_000,
      ...(signal ? { signal } : {}),
    });
    const name = /^ffmpeg version (\S+)/.exec(stdout)?.[1];
    if (name === undefined) return { program: null, problem: 'it is not ffmpeg' };
    const [, major = '', minor = ''] = /^n?(\d+)\.(\d+)/.exec(name) ?? [];
    const isOld =
      major !== '' &&
      (Number(major) < oldest.major || (Number(major) === oldest.major && Number(minor) < oldest.minor));
    // One without a number was built from the sources of a day, and is newer than that.
    if (isOld) return { program: null, problem: `its version is ${name}` };
    return { program: { path, version: name.replace(/-.*$/, '') }, problem: null };
  } catch (error) {
    signal?.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    return { program: null, problem: code === 'ENOENT' ? 'there is no such program' : 'it does not run' };
  }
}
