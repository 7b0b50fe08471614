import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { upstream } from '../errors.ts';

const run = promisify(execFile);

/** Whom the server runs as, where that is not ourselves. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom PostgreSQL runs as: ourselves (null), except that it refuses to run as root. Then it is whoever owns
 * its data already, or the account `postgres` where the machine has one, or `nobody`. No account is created.
 *
 * @throws TributaryError `UPSTREAM` when the machine has neither.
 */
export async function chooseServerAccount(clusterFolder: string): Promise<ServerAccount | null> {
  if (process.getuid?.() !== 0) return null;
  const owner = await stat(clusterFolder).catch(() => null);
  if (owner !== null && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    } catch {
      // Not on this machine: the next one.
    }
  }
  throw upstream(
    'postgres',
    'PostgreSQL refuses to run as root, and this machine has no account `postgres` or `nobody` to run it as. ' +
      'Start Tributary as another user, or set TRIBUTARY_DATABASE_URL.',
  );
}
