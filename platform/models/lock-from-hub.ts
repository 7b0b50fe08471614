import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { z } from 'zod';
import { upstream } from '../errors.ts';
import { type LockedModel, type ModelFile, modelSchema } from './model-lock.ts';

/** A model whose hashes the lock file does not have: which repository of the hub it is in, and which files of it are used. */
export interface HubModel {
  readonly name: string;
  readonly kind: 'transcriber';
  readonly licence: string;
  readonly repository: string;
  readonly files: readonly string[];
}

const agent = new EnvHttpProxyAgent({
  connect: { timeout: 3_000 },
  headersTimeout: 10_000,
  bodyTimeout: 30_000,
});
const timeoutMs = 15_000;
/** Files that the hub keeps no SHA-256 of are short texts. */
const mostTextBytes = 16 * 1024 * 1024;

/**
 * A lock for a model that has none: the hub is asked once for its present commit and for the hashes of its files, and
 * from then on the model is held to these, as any other. It is trusted the first time; what it sends later, or what the
 * disk has made of it, is checked.
 *
 * @param pin the file that the lock is kept in.
 * @throws TributaryError `UPSTREAM` where the hub cannot be asked; the signal's reason when aborted.
 */
export async function lockFromHub(
  model: HubModel,
  { hub, pin, signal }: { readonly hub: string; readonly pin: string; readonly signal?: AbortSignal },
): Promise<LockedModel> {
  const known = await readPin(pin);
  if (known !== null) return known;
  const { name, kind, licence, repository } = model;
  try {
    const revision = await commitOf(`${hub}/${repository}/resolve/main/${model.files[0]}`, signal);
    const files: ModelFile[] = [];
    for (const path of model.files) {
      files.push(await lockFile(hub, { repository, revision, path }, signal));
    }
    const lock: LockedModel = { name, kind, licence, files };
    await mkdir(dirname(pin), { recursive: true });
    await writeFile(pin, `${JSON.stringify(lock, null, 2)}\n`);
    return lock;
  } catch (error) {
    signal?.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw upstream('models', `The model hub cannot be asked for ${repository}: ${reason}.`, error);
  }
}

/** The lock that was kept; null where there is none that can be read. */
export async function readPin(pin: string): Promise<LockedModel | null> {
  try {
    return modelSchema.parse(JSON.parse(await readFile(pin, 'utf8')));
  } catch {
    return null;
  }
}

/** The first answer itself: the addresses that the hub leads to have no hashes. */
async function head(url: string, signal: AbortSignal | undefined) {
  const limit = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, {
    ...{ method: 'HEAD', redirect: 'manual', dispatcher: agent },
    // Compressed it would have another length.
    headers: { 'accept-encoding': 'identity' },
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  });
  if (response.status >= 400) throw new Error(`it answered with status ${response.status} for ${url}`);
  return response.headers;
}

async function commitOf(url: string, signal: AbortSignal | undefined): Promise<string> {
  const commit = (await head(url, signal)).get('x-repo-commit') ?? '';
  if (!/^[0-9a-f]{40}$/.test(commit)) throw new Error('it does not say which commit it has');
  return commit;
}

const sizeSchema = z.coerce.number().int().positive();

async function lockFile(
  hub: string,
  source: { readonly repository: string; readonly revision: string; readonly path: string },
  signal: AbortSignal | undefined,
): Promise<ModelFile> {
  const { repository, revision, path } = source;
  const url = `${hub}/${repository}/resolve/${revision}/${path}`;
  const headers = await head(url, signal);
  const tag = (headers.get('x-linked-etag') ?? '').replaceAll('"', '');
  if (/^[0-9a-f]{64}$/.test(tag)) {
    const bytes = sizeSchema.parse(headers.get('x-linked-size'));
    return { path, bytes, sha256: tag, sources: [{ hub: source }] };
  }
  // Of a short text the hub says only what git calls it.
  const limit = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, {
    dispatcher: agent,
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  });
  if (!response.ok) throw new Error(`it answered with status ${response.status} for ${url}`);
  const content = Buffer.from(await response.arrayBuffer());
  const gitName = (headers.get('etag') ?? '').replace(/^W\/|"/g, '').replaceAll('"', '');
  const isAsNamed =
    createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex') === gitName;
  if (!isAsNamed || content.length === 0 || content.length > mostTextBytes) {
    throw new Error(`what it sent as ${path} is not what it calls it`);
  }
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { path, bytes: content.length, sha256, sources: [{ hub: source }] };
}
