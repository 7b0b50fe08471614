import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { fallbackOf } from '../../platform/config/setting.ts';
import { settings } from '../../platform/config/settings.ts';
import { projectFile } from '../../platform/project-file.ts';
import { freePorts } from '../../platform/servers/free-ports.ts';
import { run } from '../../platform/servers/install-servers.ts';
import { startPostgresServer } from '../../platform/servers/postgres-server.ts';
import { type RunningServer, runServer } from '../../platform/servers/run-server.ts';
import { copyContext } from './copy-context.ts';
import { type Instruction, parseDockerfile } from './parse-dockerfile.ts';

/** One stage of the build: a folder that stands for the root of its file system. */
interface Stage {
  readonly root: string;
  workingDirectory: string;
  readonly environment: Record<string, string>;
}

const inside = (stage: Stage, path: string) =>
  join(stage.root, path.startsWith('/') ? path : join(stage.workingDirectory, path));

/** The words of a COPY without its options, and the stage that it copies from. */
function readCopy(words: readonly string[]): { from: string | null; sources: string[]; target: string } {
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length) ?? null;
  const paths = words.filter((word) => !word.startsWith('--'));
  return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '.' };
}

/** A copy whose files are the same ones: what is only moved or read afterwards takes no room and no time. */
const link = (from: string, to: string) => run('cp', ['-a', '--link', from, to]);

/**
 * Carries out one instruction on a folder instead of a container. What needs a container's own root (`mkdir /data`) is
 * done below the stage's folder.
 */
async function carryOut(
  { name, words, text }: Instruction,
  stage: Stage,
  context: string,
  stages: ReadonlyMap<string, Stage>,
): Promise<void> {
  if (name === 'WORKDIR') {
    stage.workingDirectory = text;
    await mkdir(inside(stage, '.'), { recursive: true });
  } else if (name === 'ENV') {
    for (const word of words) {
      const at = word.indexOf('=');
      stage.environment[word.slice(0, at)] = word.slice(at + 1);
    }
  } else if (name === 'COPY') {
    const { from, sources, target } = readCopy(words);
    const other = from === null ? null : stages.get(from);
    if (other === undefined) throw new Error(`There is no stage ${from} to copy from.`);
    await mkdir(inside(stage, target), { recursive: true });
    for (const source of sources) {
      const path = other ? inside(other, source) : join(context, source);
      // Of a folder, what is in it is copied; of a file, the file.
      await link((await stat(path)).isDirectory() ? `${path}/.` : path, inside(stage, target));
    }
  } else if (name === 'RUN' && !text.startsWith('apt-get ')) {
    // Debian's packages are the machine's, not ours to install.
    const command = text
      .replace(/--mount=\S+\s+/g, '')
      .replaceAll(/(?<= )\/(?=(data|models|volumes)\b)/g, `${stage.root}/`)
      .replace(/&& chown \S+ .*/, '');
    await run('sh', ['-ec', `cd '${inside(stage, '.')}' && ${command}`], stage.environment);
  }
}

/** Carries out the Dockerfile and returns the folder of the last stage's working directory. */
async function build(folder: string): Promise<Stage> {
  const context = join(folder, 'context');
  await copyContext(
    projectFile('.'),
    await readFile(projectFile('deploy/Dockerfile.dockerignore'), 'utf8'),
    context,
  );
  const stages = new Map<string, Stage>();
  let stage: Stage | null = null;
  for (const instruction of parseDockerfile(await readFile(projectFile('deploy/Dockerfile'), 'utf8'))) {
    if (instruction.name === 'FROM') {
      const [base = '', , name = 'last'] = instruction.words;
      const before = stages.get(base);
      const root = join(folder, 'stages', name);
      stage = {
        root,
        workingDirectory: before?.workingDirectory ?? '/',
        environment: { ...before?.environment },
      };
      await mkdir(root, { recursive: true });
      if (before) await link(`${before.root}/.`, root);
      stages.set(name, stage);
    } else if (stage) await carryOut(instruction, stage, context, stages);
  }
  if (stage === null) throw new Error('The Dockerfile has no stage.');
  return stage;
}

const nobody = 65_534;

/** Starts what the image would start, as nobody, on a tree that cannot be written to and a database of its own. */
async function startServices(image: Stage, folder: string): Promise<string[]> {
  await using postgres = await startPostgresServer({ directory: join(folder, 'postgres') });
  const login = new URL(postgres.url);
  login.username = 'tributary_services';
  login.password = randomBytes(16).toString('hex');
  const isRoot = process.getuid?.() === 0;
  const data = join(folder, 'data');
  const models = join(folder, 'models');
  await mkdir(data, { recursive: true });
  await cp(fallbackOf(settings.modelsDirectory), models, { recursive: true });
  const keys = join(folder, 'api-keys.json');
  const key = {
    key: randomBytes(16).toString('hex'),
    tenant: 'default',
    name: 'check',
    scopes: ['documents:read'],
  };
  await writeFile(keys, JSON.stringify([key]));
  await run('chmod', ['-R', 'a-w,a+rX', image.root, models]);
  if (isRoot) await chown(data, nobody, nobody);
  await chmod(folder, 0o755);
  await chmod(dirname(folder), 0o755);
  const ports = await freePorts(5);
  const [gateway = 0, ingest = 0, retrieval = 0, generation = 0, worker = 0] = ports;
  const at = (port: number) => `http://127.0.0.1:${port}`;
  const environment = {
    ...image.environment,
    ...{
      HOST: '127.0.0.1',
      TRIBUTARY_DATA: data,
      TRIBUTARY_MODELS: models,
      TRIBUTARY_OFFLINE: 'true',
      HOME: data,
    },
    ...{ TRIBUTARY_SAMPLES: 'false', TRIBUTARY_ANSWER_STYLE: 'extractive', TRIBUTARY_API_KEYS: `@${keys}` },
    ...{ TRIBUTARY_INGEST_URL: at(ingest), TRIBUTARY_RETRIEVAL_URL: at(retrieval) },
    ...{ TRIBUTARY_GENERATION_URL: at(generation), TRIBUTARY_GATEWAY_URL: at(gateway), TMPDIR: data },
    TRIBUTARY_DATABASE_URL: login.href,
  };
  const asNobody = isRoot ? { user: { uid: nobody, gid: nobody } } : {};
  await promisify(execFile)(process.execPath, ['dist/platform/postgres/main.js'], {
    cwd: inside(image, '.'),
    env: { PATH: process.env.PATH, ...environment, TRIBUTARY_DATABASE_MIGRATION_URL: postgres.url },
    ...asNobody.user,
  });
  const services = [
    {
      name: 'ingest',
      program: 'dist/subgraphs/ingest/main.js',
      port: ingest,
      own: { TRIBUTARY_INGEST_WORKERS: '0' },
    },
    { name: 'worker', program: 'dist/subgraphs/ingest/worker-main.js', port: worker, own: {} },
    { name: 'retrieval', program: 'dist/subgraphs/retrieval/main.js', port: retrieval, own: {} },
    { name: 'generation', program: 'dist/subgraphs/generation/main.js', port: generation, own: {} },
    { name: 'gateway', program: 'dist/gateway/main.js', port: gateway, own: {} },
  ];
  const running: RunningServer[] = [];
  const problems: string[] = [];
  try {
    for (const { name, program, port, own } of services) {
      running.push(
        await runServer({
          name,
          command: process.execPath,
          arguments: [program],
          workingDirectory: inside(image, '.'),
          environment: { ...environment, ...own, PORT: String(port) },
          ...asNobody,
          isReady: async (signal) => (await fetch(`${at(port)}/health`, { signal })).ok,
        }),
      );
    }
    for (const { name, port } of services) {
      const ready = await fetch(`${at(port)}/ready`, { signal: AbortSignal.timeout(30_000) });
      if (!ready.ok) problems.push(`${name} is not ready: ${await ready.text()}`);
    }
    const answer = await fetch(`${at(gateway)}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key.key}` },
      body: JSON.stringify({ query: '{ search(input: { text: "pump" }) { hits { edges { cursor } } } }' }),
    });
    const text = await answer.text();
    if (!text.includes('"edges":[]')) problems.push(`A search was answered with ${text}`);
    if (await canWrite(inside(image, 'written'), isRoot)) problems.push('The tree can be written to.');
  } finally {
    for (const server of running.reverse()) await server[Symbol.asyncDispose]();
  }
  return problems;
}

/** Whether who the services run as may write a file. */
const canWrite = (file: string, isRoot: boolean): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn('touch', [file], { stdio: 'ignore', ...(isRoot && { uid: nobody, gid: nobody }) });
    child.once('close', (code) => resolve(code === 0));
    child.once('error', () => resolve(false));
  });

/**
 * Carries out the steps of `deploy/Dockerfile` in a folder, with the Node that this runs on in place of the base image's,
 * and starts every service from what came of it: as a user without rights, on files that it cannot write to. What a
 * container adds (its base image, Debian's packages, users, mounts and isolation) is not tried.
 *
 * @param folder an empty folder.
 * @returns what is wrong.
 */
export async function simulateImage(folder: string): Promise<string[]> {
  return startServices(await build(folder), folder);
}
