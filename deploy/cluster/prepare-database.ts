import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate } from '../../platform/postgres/migrate.ts';
import { ensureServiceUser } from '../../platform/postgres/service-user.ts';

const name = 'tributary_services';

/**
 * Migrates the database as its owner, and makes the user that the services log in as, with the least rights.
 *
 * @param url the database as its owner.
 * @param directory where the user's password is kept.
 * @returns the database as that user.
 */
export async function prepareDatabase(url: string, directory: string): Promise<string> {
  const file = join(directory, 'database-password');
  const password = await readFile(file, 'utf8').catch(async () => {
    const made = randomBytes(16).toString('hex');
    await writeFile(file, made, { mode: 0o600 });
    return made;
  });
  await migrate({ connectionString: url });
  await ensureServiceUser({ connectionString: url }, { name, password });
  const service = new URL(url);
  service.username = name;
  service.password = password;
  return service.href;
}
