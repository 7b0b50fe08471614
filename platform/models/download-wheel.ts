import { spawn } from 'node:child_process';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface WheelOptions {
  readonly name: string;
  readonly version: string;
  /** An empty folder; the wheel and everything temporary goes there. */
  readonly directory: string;
  readonly signal?: AbortSignal;
  /** Called now and then with the number of bytes that have arrived. */
  onBytes?(bytes: number): void;
}

const interpreters = process.platform === 'win32' ? [['py', '-3'], ['python']] : [['python3'], ['python']];

/**
 * Downloads a wheel with the user's own pip, and so from the index, through the proxy and with the
 * certificates that it is configured for. Nothing is installed.
 *
 * @returns the wheel's path.
 * @throws Error that says what failed; the signal's reason when aborted.
 */
export async function downloadWheel(options: WheelOptions): Promise<string> {
  const { name, version, directory, signal } = options;
  const temporary = join(directory, 'tmp');
  await mkdir(temporary, { recursive: true });
  const poll = setInterval(() => {
    bytesBelow(temporary).then(
      (bytes) => options.onBytes?.(bytes),
      () => undefined,
    );
  }, 250);
  try {
    let problem = 'there is no Python 3 here';
    for (const [command, ...first] of interpreters) {
      if (command === undefined) continue;
      const result = await run(
        command,
        [
          ...first,
          ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--progress-bar=off'],
          ...['--disable-pip-version-check', '--no-input', '--quiet', '--dest', directory],
          `${name}==${version}`,
        ],
        temporary,
        signal,
      );
      if (result === null) continue;
      if (result.status !== 0) {
        problem = problemOf(result.errors);
        continue;
      }
      const wheel = (await readdir(directory)).find((file) => file.endsWith('.whl'));
      if (wheel !== undefined) return join(directory, wheel);
      problem = 'pip put no wheel where it was told to';
    }
    throw new Error(problem);
  } finally {
    clearInterval(poll);
  }
}

/** @returns null where there is no such program. */
function run(
  command: string,
  args: readonly string[],
  temporary: string,
  signal: AbortSignal | undefined,
): Promise<{ status: number | null; errors: string } | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      // What pip downloads lies here until it is whole: watched for progress, and removed with the folder.
      env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
      ...(signal ? { signal } : {}),
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-10_000);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (signal?.aborted) reject(signal.reason);
      else if (error.code === 'ENOENT') resolve(null);
      else reject(error);
    });
    child.on('close', (status) => {
      if (!signal?.aborted) resolve({ status, errors });
    });
  });
}

/** The line of pip's complaints that says most. */
function problemOf(errors: string): string {
  if (/No module named pip/.test(errors)) return 'Python has no pip';
  if (/No space left on device/.test(errors)) return 'the disk is full';
  const lines = errors
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const line = lines.findLast((text) => text.startsWith('ERROR:')) ?? lines.at(-1) ?? 'it gave no reason';
  return `pip says: ${line.replace(/^ERROR: /, '')}`;
}

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
