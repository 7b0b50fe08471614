import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The secrets of one installation, made at the first start and kept in the data folder. */
export interface Secrets {
  /** Signs identities between services, and the addresses of uploads and downloads. */
  readonly internalSecret: string;
  /** Signs deletion receipts; Ed25519. */
  readonly receiptKey: KeyObject;
}

/**
 * Reads a secret from a file, or makes it. Several processes may start at once on one folder: the first
 * one's secret holds for all, because a link to a complete file is made or fails as one.
 */
async function keep(path: string, make: () => string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, make(), { mode: 0o600 });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(path, 'utf8');
}

/** Loads or makes the secrets in `<dataDirectory>/secrets`; a configured internal secret takes precedence. */
export async function loadSecrets(options: {
  readonly dataDirectory: string;
  readonly internalSecret: string | null;
}): Promise<Secrets> {
  const folder = join(options.dataDirectory, 'secrets');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const internalSecret =
    options.internalSecret ??
    (await keep(join(folder, 'internal'), () => randomBytes(32).toString('base64url')));
  const pem = await keep(
    join(folder, 'receipts.pem'),
    () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  );
  return { internalSecret, receiptKey: createPrivateKey(pem) };
}
