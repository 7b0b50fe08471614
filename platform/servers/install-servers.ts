import { spawn } from 'node:child_process';
import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { withFolderLock } from '../models/with-folder-lock.ts';

/** The servers that can be installed by the package clients: pip, go, and Debian's apt. */
export const serverNames = ['milvus', 'milvus-lite', 'redis', 'postgres', 's3', 'toxiproxy'] as const;
export type ServerName = (typeof serverNames)[number];

const milvusVersion = '2.3.5';
const milvusLiteVersion = '3.2.2';
const goPrograms = {
  s3: { package: 'github.com/versity/versitygw/cmd/versitygw', version: 'v1.8.0', file: 'versitygw' },
  toxiproxy: { package: 'github.com/Shopify/toxiproxy/v2/cmd/server', version: 'v2.5.0', file: 'server' },
} as const;

const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
/** The folder that servers are installed into, shared by all checkouts. */
export const serversFolder = join(cache, 'tributary', 'servers');

export const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

export async function onPath(program: string, alsoIn: readonly string[] = []): Promise<string | null> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...alsoIn];
  for (const folder of folders) {
    const file = join(folder, program);
    if (await exists(file)) return file;
  }
  return null;
}

/** @throws Error with what the command printed, where it fails. */
export function run(
  command: string,
  words: readonly string[],
  environment: Record<string, string> = {},
): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(command, words, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    const keep = (bytes: Buffer) => {
      printed += bytes.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', fail);
    child.once('close', (code) => {
      if (code === 0) done(printed);
      else fail(new Error(`\`${command} ${words.join(' ')}\` ended with ${code}:\n${printed.slice(-4000)}`));
    });
  });
}

/** A Python environment with packages of exact versions, made once. */
async function python(name: string, packages: readonly string[]): Promise<string> {
  const folder = join(serversFolder, name);
  const done = join(folder, 'installed');
  if (await exists(done)) return folder;
  await rm(folder, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', folder]);
  await run(join(folder, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages]);
  await writeFile(done, '');
  return folder;
}

async function milvus(): Promise<string> {
  const folder = await python(`milvus-${milvusVersion}`, [`milvus==${milvusVersion}`]);
  const program = join(folder, 'unpacked', 'bin', 'milvus');
  if (await exists(program)) return program;
  // The package unpacks its program where it starts; unpacked once, every start is quick.
  const unpacking = join(folder, 'unpacking');
  await rm(unpacking, { recursive: true, force: true });
  await run(join(folder, 'bin', 'python'), [
    '-c',
    'import milvus, sys; milvus._initialize_data_files(sys.argv[1])',
    unpacking,
  ]);
  await rename(unpacking, join(folder, 'unpacked'));
  return program;
}

async function milvusLite(): Promise<string> {
  const folder = await python(`milvus-lite-${milvusLiteVersion}`, [
    `milvus-lite==${milvusLiteVersion}`,
    'pymilvus',
  ]);
  return join(folder, 'bin', 'milvus-lite');
}

/** A program that `go install` builds, once for each version. */
export async function goProgram(
  name: string,
  { package: source, version, file }: { package: string; version: string; file: string },
): Promise<string> {
  const folder = join(serversFolder, `${name}-${version}`);
  const program = join(folder, file);
  if (await exists(program)) return program;
  await mkdir(folder, { recursive: true });
  await run('go', ['install', `${source}@${version}`], { GOBIN: folder, GOFLAGS: '-mod=mod' });
  return program;
}

/** A program of a Debian package, which is installed where we may. */
export async function debian(debianPackage: string, find: () => Promise<string | null>): Promise<string> {
  const found = await find();
  if (found !== null) return found;
  const advice = `Install it with \`sudo apt-get install ${debianPackage}\`, or put it on the PATH.`;
  if (process.getuid?.() !== 0 || (await onPath('apt-get')) === null) {
    throw new Error(`${debianPackage} is not installed. ${advice}`);
  }
  const quiet = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], quiet);
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', debianPackage], quiet);
  const installed = await find();
  if (installed === null)
    throw new Error(`${debianPackage} was installed, and its program is not there. ${advice}`);
  return installed;
}

/** The newest PostgreSQL of Debian's layout. */
async function postgres(): Promise<string | null> {
  const root = '/usr/lib/postgresql';
  const versions = (await readdir(root).catch(() => [])).map(Number).filter((version) => version >= 15);
  for (const version of versions.sort((a, b) => b - a)) {
    const program = join(root, String(version), 'bin', 'postgres');
    if (await exists(program)) return program;
  }
  return onPath('postgres');
}

const install: Readonly<Record<ServerName, () => Promise<string>>> = {
  milvus,
  'milvus-lite': milvusLite,
  redis: () => debian('redis-server', () => onPath('redis-server', ['/usr/bin'])),
  postgres: () => debian('postgresql', postgres),
  s3: () => goProgram('s3', goPrograms.s3),
  toxiproxy: () => goProgram('toxiproxy', goPrograms.toxiproxy),
};

/**
 * Where these servers' programs are; what is missing is installed by the package clients, once for all checkouts.
 * Several processes may ask at the same time.
 *
 * @throws Error that says what is missing and how to install it.
 */
export async function installServers<const Name extends ServerName>(
  names: readonly Name[],
  tell: (line: string) => void = () => {},
): Promise<Readonly<Record<Name, string>>> {
  await mkdir(serversFolder, { recursive: true });
  const programs: Partial<Record<ServerName, string>> = {};
  for (const name of names) {
    programs[name] = await withFolderLock(join(serversFolder, `lock-${name}`), undefined, async () => {
      const startedAt = Date.now();
      const program = await install[name]();
      if (Date.now() - startedAt > 1000) tell(`installed ${name}`);
      return program;
    });
  }
  return programs as Record<Name, string>;
}
