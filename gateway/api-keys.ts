import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from '../platform/config/config.ts';
import { type Identity, scopes } from '../platform/identity.ts';

/** Finds who a key belongs to, or null. */
export type FindApiKey = (key: string) => Identity | null;

const entry = z.strictObject({
  key: z.string().min(16, 'must have at least 16 characters'),
  tenant: z.string().regex(/^[a-z0-9_-]{1,64}$/, 'must be 1 to 64 characters of a-z, 0-9, _ and -'),
  name: z.string().min(1, 'must not be empty').max(128, 'must have at most 128 characters'),
  scopes: z.array(z.enum(scopes, `must be of: ${scopes.join(', ')}`)).min(1, 'must not be empty'),
});
const entries = z.array(entry);

const digest = (key: string): Buffer => createHash('sha256').update(key).digest();

const refuse = (problem: string) => new ConfigError(`TRIBUTARY_API_KEYS: ${problem}`);

function readText(setting: string): string {
  if (!setting.startsWith('@')) return setting;
  const path = setting.slice(1);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw refuse(`the file ${path} cannot be read: ${(error as Error).message}`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse(
      'this is not JSON. Allowed: an array of {"key", "tenant", "name", "scopes"}, or @ and the path of a file.',
    );
  }
}

/** Where in the array a problem is, without ever showing a key. */
const place = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? 'the value'
    : `entry ${Number(path[0]) + 1}${path
        .slice(1)
        .map((part) => `, ${String(part)}`)
        .join('')}`;

/**
 * Reads the API keys: a JSON array, or `@` and the path of a file that holds one. Only hashes are kept.
 *
 * @throws ConfigError that says which entry is wrong, and why, and never shows a key.
 */
export function readApiKeys(setting: string): FindApiKey {
  const parsed = entries.safeParse(parse(readText(setting)));
  if (!parsed.success) {
    throw refuse(parsed.error.issues.map((issue) => `${place(issue.path)}: ${issue.message}`).join('; '));
  }
  if (parsed.data.length === 0)
    throw refuse('there is no key in it. Leave it unset for open access on loopback.');
  const known = parsed.data.map(({ key, tenant, name, scopes: granted }) => ({
    hash: digest(key),
    identity: Object.freeze<Identity>({
      tenant,
      subject: name,
      scopes: Object.freeze(granted) as Identity['scopes'],
    }),
  }));
  // Found by the first half of its hash and compared by the whole: what a wrong key takes says nothing of a right one,
  // because nobody can choose a hash; and a thousand keys take no longer than one.
  const byPrefix = new Map<string, (typeof known)[number]>();
  const prefix = (hash: Buffer) => hash.toString('latin1', 0, 16);
  for (const [index, candidate] of known.entries()) {
    if (byPrefix.has(prefix(candidate.hash)))
      throw refuse(`entry ${index + 1}: the same key stands there twice.`);
    byPrefix.set(prefix(candidate.hash), candidate);
  }
  return (key) => {
    const hash = digest(key);
    const candidate = byPrefix.get(prefix(hash));
    return candidate && timingSafeEqual(candidate.hash, hash) ? candidate.identity : null;
  };
}
