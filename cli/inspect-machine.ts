import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Config } from '../platform/config/config.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import { renderBytes } from './render.ts';

const run = promisify(execFile);
const neededBytes = 2_000_000_000;

/** What this machine has of what a server needs. */
export const inspectMachine = async (config: Config, isServerThere: boolean): Promise<Finding[]> => [
  inspectNode(process.versions.node),
  await inspectFolder('data folder', config.dataDirectory, 'TRIBUTARY_DATA'),
  await inspectFolder('models folder', config.modelsDirectory, 'TRIBUTARY_MODELS'),
  await inspectDisk(config.dataDirectory),
  ...(isServerThere ? [] : [await inspectPort(config.host, config.port)]),
];

/** Whether Node is new enough. */
export function inspectNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19)
    ? ok('node', `Node ${version}`)
    : problem('node', `Node ${version} is too old.`, 'Install Node 20.19 or later.');
}

/** Whether Python can bring model files, where some are missing. */
export async function inspectPython(): Promise<Finding> {
  try {
    const { stdout } = await run('python3', ['-m', 'pip', '--version'], { timeout: 20_000 });
    return ok('python', stdout.trim().replace(/ from .*\((.*)\)/, ' ($1)'));
  } catch {
    return warning(
      'python',
      'Python 3 with pip is not here.',
      'Install both (they bring model files that the model hub does not), or fill the models folder by hand.',
    );
  }
}

async function inspectFolder(name: string, folder: string, variable: string): Promise<Finding> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      await access(at, constants.W_OK);
      return ok(name, at === folder ? folder : `${folder} (to be made)`);
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (isMissing && dirname(at) !== at) continue;
      return problem(
        name,
        `${at} cannot be written to.`,
        `Allow it, or choose another folder by ${variable}.`,
      );
    }
  }
}

async function inspectDisk(folder: string): Promise<Finding> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await statfs(at).catch(() => null);
    if (found === null && dirname(at) !== at) continue;
    if (found === null) return warning('disk', 'Its free space is unknown.', 'Check it by hand.');
    const free = found.bavail * found.bsize;
    return free >= neededBytes
      ? ok('disk', `${renderBytes(free)} free`)
      : warning(
          'disk',
          `Only ${renderBytes(free)} are free.`,
          `Make room: ${renderBytes(neededBytes)} are wanted.`,
        );
  }
}

async function inspectPort(host: string, port: number): Promise<Finding> {
  const failure = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
  if (failure === null) return ok('port', `${host}:${port} is free`);
  return failure.code === 'EADDRINUSE'
    ? problem(
        'port',
        `${host}:${port} is taken by another program.`,
        'End it, or choose another port by PORT.',
      )
    : problem(
        'port',
        `${host}:${port} cannot be listened on (${failure.code}).`,
        'Choose others by HOST and PORT.',
      );
}
