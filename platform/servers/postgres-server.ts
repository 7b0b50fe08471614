import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chmod, chown, mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './free-ports.ts';
import { installServers } from './install-servers.ts';
import { type RunningServer, runServer } from './run-server.ts';

const execute = promisify(execFile);

export interface PostgresServer extends RunningServer {
  /** The address of its database `tributary`, as the superuser. */
  readonly url: string;
  readonly port: number;
  /** The folder of the server's own programs: `pg_dump`, `pg_basebackup`. */
  readonly programs: string;
  /** Who it runs as, where we are root. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

/** PostgreSQL refuses to run as root: where we are root, it runs as the user that its package made. */
async function unprivileged(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = await readFile('/etc/passwd', 'utf8');
  const [, , uid, gid] = (/^postgres:.*$/m.exec(users)?.[0] ?? '').split(':');
  if (uid === undefined || gid === undefined)
    throw new Error('There is no user `postgres` to run PostgreSQL as.');
  return { uid: Number(uid), gid: Number(gid) };
}

/** Lets the server's user pass through the folders above its own; outside the temporary folder they are not ours to open. */
async function openTheWay(directory: string): Promise<void> {
  const temporary = await realpath(tmpdir());
  for (
    let folder = dirname(await realpath(directory));
    folder !== dirname(folder);
    folder = dirname(folder)
  ) {
    const { mode } = await stat(folder);
    if ((mode & 0o001) !== 0) continue;
    if (!folder.startsWith(temporary + sep)) {
      throw new Error(
        `PostgreSQL runs as the user postgres, who may not pass through ${folder}. Choose another folder, or do not run this as root.`,
      );
    }
    await chmod(folder, (mode & 0o7777) | 0o011);
  }
}

/**
 * Starts the installed PostgreSQL on a folder, which is made into a cluster of its own with a database `tributary`
 * the first time, and waits until it answers.
 */
export async function startPostgresServer(options: {
  readonly directory: string;
  readonly port?: number;
  /** Settings of PostgreSQL's own: `{ wal_level: 'replica' }`. */
  readonly settings?: Readonly<Record<string, string | number>>;
}): Promise<PostgresServer> {
  const { postgres: program } = await installServers(['postgres']);
  const { directory } = options;
  const programs = dirname(program);
  const user = await unprivileged();
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (user) {
    await chown(directory, user.uid, user.gid);
    await openTheWay(directory);
  }
  const cluster = join(directory, 'cluster');
  const passwordFile = join(directory, 'password');
  const isNew = await access(join(cluster, 'PG_VERSION')).then(
    () => false,
    () => true,
  );
  if (isNew) {
    const password = randomBytes(16).toString('hex');
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (user) await chown(passwordFile, user.uid, user.gid);
    await execute(
      join(programs, 'initdb'),
      [
        ...['-D', cluster, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', passwordFile],
        ...['-E', 'UTF8', '--locale', 'C.UTF-8'],
      ],
      { ...user, cwd: directory },
    );
  }
  const password = await readFile(passwordFile, 'utf8');
  const port = options.port ?? (await freePort());
  const address = (database: string) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  const settings = { max_connections: 200, ...options.settings };
  const server = await runServer({
    name: 'postgres',
    command: program,
    arguments: [
      ...['-D', cluster, '-p', String(port), '-h', '127.0.0.1', '-k', directory],
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    workingDirectory: directory,
    // “Fast”: connections are ended, and nothing is lost.
    stopSignal: 'SIGINT',
    ...(user && { user }),
    isReady: async () => {
      // After a crash the old lock file may name a process that is gone; the server sees to that by itself.
      const client = new pg.Client({ connectionString: address('postgres'), connectionTimeoutMillis: 1500 });
      client.on('error', () => undefined);
      try {
        await client.connect();
        return (await client.query('select 1')).rowCount === 1;
      } finally {
        await client.end().catch(() => undefined);
      }
    },
  });
  if (isNew) {
    const client = new pg.Client({ connectionString: address('postgres') });
    await client.connect();
    await client.query('create database tributary');
    await client.end();
  }
  return Object.assign(server, { url: address('tributary'), port, programs, user });
}
