import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
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
 * Puts the values of variables in, as Compose does: the program that loads the file does so only for those of its own.
 *
 * @throws Error where a variable has no value and no default.
 */
export function fillIn(source: string): string {
  return source.replaceAll(/(\$\$)|\$\{(\w+)(?::([-?])([^}]*))?\}/g, (whole, escaped, name, kind, other) => {
    if (escaped) return whole;
    const value = composeStandIns[name] ?? (kind === '-' ? other : undefined);
    if (value === undefined)
      throw new Error(`compose.yaml: ${name} has no value; name it in compose.env.example.`);
    return value;
  });
}

/**
 * Loads `deploy/compose.yaml` with the specification's reference implementation, which holds it to its schema and
 * looks whether everything that it names exists, and then looks at what came of it.
 *
 * @param program that implementation.
 * @param folder an empty folder for files.
 * @returns what is wrong, one line each.
 */
export async function checkCompose(program: string, folder: string): Promise<string[]> {
  const source = await readFile(projectFile('deploy/compose.yaml'), 'utf8');
  const file = join(folder, 'compose.yaml');
  await writeFile(file, fillIn(source));
  try {
    const { stdout } = await promisify(execFile)(program, ['-format', 'json', file], { cwd: folder });
    return inspectCompose(JSON.parse(stdout) as ComposeFile);
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    return [`deploy/compose.yaml: ${stderr || message}`];
  }
}
