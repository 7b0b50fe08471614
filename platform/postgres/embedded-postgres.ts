import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { open, readFile, rm, stat, truncate } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Logger } from '../logger.ts';
import {
  dataArgument,
  ensureCluster,
  explain,
  readPassword,
  serverEnvironment,
  superuser,
} from './cluster.ts';
import { type PostgresBinaries, preparePostgresBinaries } from './postgres-binaries.ts';
import { findPostmaster, removeAbandonedPidFile, waitUntilStopped } from './postmaster.ts';
import { chooseServerAccount, type ServerAccount } from './server-account.ts';
import { socketFolder } from './socket-folder.ts';

const run = promisify(execFile);

/** Where a server is and who we are to it; what `pg` takes. */
export interface PostgresConnection {
  /** A host name, or the folder that a Unix socket lies in. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password?: string;
}

/** A PostgreSQL of our own. Disposing of it stops the server, unless another process still uses it. */
export interface EmbeddedPostgres extends AsyncDisposable {
  readonly connection: PostgresConnection;
  /** The same as an address, for `pg` and `psql`. */
  readonly connectionString: string;
}

export interface EmbeddedPostgresOptions {
  /** A folder of its own; everything that the server keeps is below it. Made when it is not there. */
  readonly dataDirectory: string;
  readonly logger: Logger;
  /** More settings of the server, such as `{fsync: 'off'}` where the data may be lost. */
  readonly serverSettings?: Readonly<Record<string, string>>;
}

/** Any number; the key of the lock that every process holds, shared, as long as it uses the server. */
const usersLock = 7_294_118;

/** For a machine that has other things to do: the encoder, the vectors and the model share its memory. */
const defaultSettings = {
  shared_buffers: '64MB',
  max_connections: '100',
  max_wal_size: '512MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  // No just-in-time compiler, no helper processes: our queries are short, and there are few cores.
  jit: 'off',
  io_method: 'sync',
  max_parallel_workers_per_gather: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Failures only, and never a statement or a row: they hold documents and questions.
  log_min_messages: 'warning',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
};

/**
 * Starts PostgreSQL in a folder, or joins the one that runs there already: another Tributary process may have
 * started it, or one that was killed. It listens on a private Unix socket and nowhere else (on Windows: on
 * loopback, with a password). If the server dies, it is started again.
 *
 * @throws TributaryError `REJECTED_INPUT` when the folder cannot be used, `BUSY` with reason `STORAGE_FULL`
 * when the disk is full, `UPSTREAM` when PostgreSQL cannot be run here. Each message says what to do.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const server = new Server(options);
  try {
    await server.join();
  } catch (error) {
    throw explain(error, options.dataDirectory);
  }
  return server;
}

class Server implements EmbeddedPostgres {
  readonly #folder: string;
  readonly #cluster: string;
  readonly #logger: Logger;
  readonly #settings: Readonly<Record<string, string>> & { readonly fsync?: string };
  #connection: PostgresConnection | null = null;
  /** Holds the lock that says that this process uses the server. */
  #presence: pg.Client | null = null;
  #recovery: Promise<void> = Promise.resolve();
  readonly #disposal = new AbortController();

  constructor(options: EmbeddedPostgresOptions) {
    this.#folder = resolve(options.dataDirectory);
    this.#cluster = join(this.#folder, 'cluster');
    this.#logger = options.logger;
    this.#settings = { ...defaultSettings, ...options.serverSettings };
  }

  get connection(): PostgresConnection {
    if (this.#connection === null) throw new Error('the server has not been joined');
    return this.#connection;
  }

  get connectionString(): string {
    const { host, port, user, database, password } = this.connection;
    const login = password === undefined ? user : `${user}:${password}`;
    return `postgresql://${login}@${encodeURIComponent(host)}:${port}/${database}`;
  }

  /** Comes back with the server running and this process among its users. */
  async join(): Promise<void> {
    const account = await chooseServerAccount(this.#cluster);
    const binaries = await preparePostgresBinaries(account);
    await ensureCluster(this.#folder, binaries, account, this.#settings.fsync !== 'off');
    // The server that we found may be about to stop, and the one that we start may lose to another's: then again.
    for (let attempt = 1; ; attempt++) {
      const running = await findPostmaster(this.#cluster);
      const port = running?.port ?? (await this.#freePort());
      this.#connection = await this.#connectionAt(port);
      const child = running === null ? await this.#spawn(binaries, account, port) : null;
      const presence = await this.#enter(child);
      if (presence === null) {
        if (attempt === 100) throw new Error(await this.#logSince(0));
        continue;
      }
      this.#presence = presence;
      presence.once('end', () => {
        if (!this.#disposal.signal.aborted) this.#recovery = this.#recover();
      });
      return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposal.signal.aborted) return;
    this.#disposal.abort();
    await this.#recovery;
    const presence = this.#presence;
    try {
      // While we hold the lock alone nobody can enter, so nobody is using what we are about to stop.
      const entered = await presence?.query<{ alone: boolean }>(
        'select pg_advisory_unlock_shared($1), pg_try_advisory_lock($1) as alone',
        [usersLock],
      );
      if (entered?.rows[0]?.alone === true) await this.#stop();
    } catch (error) {
      this.#logger.warn({ err: error }, 'PostgreSQL had died before it was stopped');
    } finally {
      await presence?.end().catch(() => undefined);
    }
  }

  async #stop(): Promise<void> {
    const running = await findPostmaster(this.#cluster);
    if (running === null) return;
    if (process.platform === 'win32') {
      const { pgCtl } = await preparePostgresBinaries(null);
      await run(pgCtl, ['stop', '-m', 'fast', '-D', this.#cluster], { env: serverEnvironment() });
    } else {
      process.kill(running.pid, 'SIGINT');
    }
    if (await waitUntilStopped(this.#cluster, running.pid, 60_000)) {
      // A link stood in for a path that is too long; the next start makes it again.
      if (this.connection.host !== this.#cluster && process.platform !== 'win32')
        await rm(this.connection.host);
    } else {
      this.#logger.warn({ pid: running.pid }, 'PostgreSQL did not stop within a minute; it was left running');
    }
  }

  /** The connection that says that we are here is gone: the server died, or was restarted. Join it again. */
  async #recover(): Promise<void> {
    const { signal } = this.#disposal;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        this.#logger.warn('PostgreSQL went away; joining or starting it again');
        return await this.join();
      } catch (error) {
        this.#logger.error({ err: error }, 'PostgreSQL could not be started again');
        await delay(Math.min(100 * 2 ** attempt, 10_000), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #connectionAt(port: number): Promise<PostgresConnection> {
    const login = { port, user: superuser, database: 'postgres' };
    return process.platform === 'win32'
      ? { host: '127.0.0.1', ...login, password: await readPassword(this.#folder) }
      : { host: await socketFolder(this.#cluster), ...login };
  }

  /** A socket in a folder needs no other port than the usual. */
  async #freePort(): Promise<number> {
    if (process.platform !== 'win32') return 5432;
    // A server that is started again is looked for where it was.
    if (this.#connection !== null) return this.#connection.port;
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((settled) => probe.once('listening', settled));
    const address = probe.address();
    await new Promise((settled) => probe.close(settled));
    return typeof address === 'object' && address !== null ? address.port : 5432;
  }

  async #spawn(
    binaries: PostgresBinaries,
    account: ServerAccount | null,
    port: number,
  ): Promise<{ readonly process: ChildProcess; readonly logOffset: number }> {
    const settings = {
      ...this.#settings,
      port: String(port),
      ...(process.platform === 'win32'
        ? { listen_addresses: '127.0.0.1' }
        : // The data folder itself, which nobody but the server's account can enter.
          { listen_addresses: '', unix_socket_directories: '.' }),
    };
    const logFile = join(this.#folder, 'postgres.log');
    const log = await open(logFile, 'a', 0o600);
    try {
      if ((await log.stat()).size > 4 * 1024 * 1024) await truncate(logFile);
      const logOffset = (await log.stat()).size;
      const child = spawn(
        binaries.postgres,
        [
          '-D',
          dataArgument(this.#cluster, account),
          ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
        ],
        {
          cwd: this.#cluster,
          env: serverEnvironment(),
          stdio: ['ignore', 'ignore', log.fd],
          // In a group of its own: a Ctrl-C is for us, and we stop it when we are done with it.
          detached: true,
          windowsHide: true,
          ...account,
        },
      );
      child.on('error', (error) => this.#logger.error({ err: error }, 'PostgreSQL could not be run'));
      child.unref();
      return { process: child, logOffset };
    } finally {
      await log.close();
    }
  }

  /** Becomes one of the server's users. @returns null when there is no server to enter any more. */
  async #enter(child: { process: ChildProcess; logOffset: number } | null): Promise<pg.Client | null> {
    const deadline = Date.now() + 300_000;
    for (;;) {
      const client = new pg.Client({ ...this.connection, application_name: 'tributary' });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await client.query('select pg_advisory_lock_shared($1)', [usersLock]);
        return client;
      } catch (error) {
        await client.end().catch(() => undefined);
        const exited = child !== null && (child.process.exitCode ?? child.process.signalCode) !== null;
        const failed = child !== null && child.process.pid === undefined;
        if (exited || failed) {
          // Another process was faster, and its server is the one to enter, or ours served others who stopped it.
          const log = await this.#logSince(child.logOffset);
          if (child.process.exitCode === 0 || log.includes('lock file "postmaster.pid" already exists'))
            return null;
          if (log.includes('lock file "postmaster.pid" is empty')) {
            // Another server has made the file and not yet written it, or died between the two.
            await removeAbandonedPidFile(this.#cluster);
            await delay(100);
            return null;
          }
          throw new Error(log);
        }
        if (child === null && (await findPostmaster(this.#cluster)) === null) return null;
        if (Date.now() > deadline) throw error;
      }
      await delay(20);
    }
  }

  async #logSince(offset: number): Promise<string> {
    const file = join(this.#folder, 'postgres.log');
    const { size } = await stat(file);
    return (await readFile(file)).subarray(Math.min(offset, size)).toString('utf8');
  }
}
