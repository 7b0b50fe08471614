import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectFile } from '../../platform/project-file.ts';
import { type ComposeFile, inspectCompose } from './inspect-compose.ts';

/** What `.env` must hold, with values of no meaning. */
export const composeStandIns: Readonly<Record<string, string>> = {
  TRIBUTARY_INTERNAL_SECRET: 'a'.repeat(40),
  POSTGRES_PASSWORD: 'postgres-password',
  SERVICES_PASSWORD: 'services-password',
  REDIS_PASSWORD: 'redis-password',
  S3_ACCESS_KEY_ID: 'access-key',
  S3_SECRET_ACCESS_KEY: 'secret-key-of-the-object-store',
};

/**
 * Loads `deploy/compose.yaml` with the specification's reference implementation, which holds it to its schema and
 * looks whether everything that it names exists, and then looks at what came of it.
 *
 * @param program that implementation.
 * @param folder an empty folder for files.
 * @returns what is wrong, one line each.
 */
export async function checkCompose(program: string, folder: string): Promise<string[]> {
  const file = projectFile('deploy/compose.yaml');
  const env = { ...process.env, ...composeStandIns };
  try {
    const { stdout } = await promisify(execFile)(program, ['-format', 'json', file], { env, cwd: folder });
    await writeFile(join(folder, 'compose.json'), stdout);
    return inspectCompose(JSON.parse(stdout) as ComposeFile);
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    return [`deploy/compose.yaml: ${stderr || message}`];
  }
}
