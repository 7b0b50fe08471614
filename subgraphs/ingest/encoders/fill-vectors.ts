import { asTributaryError } from '../../../platform/errors.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { Encoder } from '../../../platform/ports/encoder.ts';
import { recordOf, type StoreDependencies } from '../store.ts';
import { changeMigration } from './encoder-migrations.ts';
import { textCollection } from './plan-writing.ts';
import { settleWork } from './settle-work.ts';
import {
  type MissingPassage,
  postponeDocuments,
  readMissing,
  type TakenDocument,
  takeDocuments,
} from './take-work.ts';

const tiers = ['HOT', 'COLD'] as const;

export interface FillOptions {
  /** The migration that counts them; null for passages that are made up for beside one, or after it. */
  readonly migrationId: string | null;
  /** The encoder that passages are given vectors of. */
  readonly encoder: Encoder;
  readonly leaseId: string;
  readonly leaseMs: number;
  /** So many passages are encoded and stored at once. */
  readonly batchSize: number;
}

/**
 * Gives one batch of passages their vectors, from their texts as they are kept: nothing is read or cut again.
 * Passages that have one already are left as they are.
 *
 * @returns whether there was something to do.
 */
export async function fillVectors(
  dependencies: StoreDependencies & { readonly logger: Logger },
  options: FillOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { database, logger } = dependencies;
  const { migrationId, encoder, leaseId, leaseMs, batchSize } = options;
  const { fingerprint } = encoder.description;
  const { documents, passages } = await database.forWorker(async (client) => {
    const taken = await takeDocuments(client, { fingerprint, limit: batchSize, leaseId, leaseMs });
    const missing = taken.length === 0 ? [] : await readMissing(client, taken, fingerprint, batchSize);
    return { documents: taken, passages: missing };
  });
  if (documents.length === 0) return false;
  try {
    await write(passages, { ...options, documents }, dependencies, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    const failure = asTributaryError(error);
    logger.warn({ err: failure, migrationId, documents: documents.length }, 'a batch of a migration failed');
    await database.forWorker(async (client) => {
      await postponeDocuments(client, documents, { fingerprint, leaseId });
      if (migrationId === null) return;
      await changeMigration(client, migrationId, {
        failure: { code: failure.reason, message: failure.publicMessage },
      });
    });
  }
  return true;
}

async function write(
  passages: readonly MissingPassage[],
  {
    migrationId,
    encoder,
    leaseId,
    documents,
  }: FillOptions & { readonly documents: readonly TakenDocument[] },
  { database, vectors }: StoreDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { fingerprint } = encoder.description;
  if (passages.length > 0) {
    const made = await encoder.encode(
      passages.map(({ searchText }) => searchText),
      'passage',
      signal,
    );
    const records = passages.map((passage, index) => {
      const vector = made[index];
      if (vector === undefined)
        throw new Error(`The encoder gave ${made.length} vectors for ${passages.length} texts.`);
      return { tier: passage.tier, record: recordOf({ ...passage, vector }, passage, passage.attributes) };
    });
    signal.throwIfAborted();
    for (const tier of tiers) {
      const ofTier = records.filter((each) => each.tier === tier).map(({ record }) => record);
      // Not abortable: a write that goes on by itself after an abort could come after its own undoing.
      if (ofTier.length > 0) await vectors.upsert(textCollection(fingerprint, tier), ofTier);
    }
  }
  const { unowned } = await database.forWorker((client) =>
    settleWork(client, { migrationId, fingerprint, leaseId, documents, passages }),
  );
  for (const tier of tiers) {
    const collection = textCollection(fingerprint, tier);
    const ofTier = unowned.filter((passage) => passage.tier === tier);
    for (const [tenant, ids] of groupByTenant(ofTier)) await vectors.deleteChunks(collection, tenant, ids);
  }
}

function groupByTenant(passages: readonly MissingPassage[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { tenant, id } of passages) groups.set(tenant, [...(groups.get(tenant) ?? []), id]);
  return groups;
}
