import { setTimeout as delay } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import { asTributaryError } from '../../../platform/errors.ts';
import { purgeSpaces, purgeVersions } from '../documents/purge.ts';
import { type PurgeDocumentsDependencies, purgeDocuments } from '../documents/purge-documents.ts';
import { inLanes } from './in-lanes.ts';
import {
  type OutboxEntry,
  outboxChannel,
  postponeEntries,
  prolongEntries,
  releaseEntries,
  removeEntries,
  takeEntries,
} from './outbox.ts';
import { Wakeup } from './wakeup.ts';

export type OutboxDependencies = PurgeDocumentsDependencies;

export interface OutboxOptions {
  /** After so long an entry whose worker has not been heard of is taken again. */
  readonly leaseMs: number;
  /** How long a missed notification can delay an entry. */
  readonly pollMs: number;
}

/** So many entries are taken at once; deleted documents of one tenant among them are purged together. */
const batchSize = 200;
/** So many groups of entries are worked on at once. */
const lanes = 4;

/**
 * Works the outbox off until it is disposed of, in any number of processes. Every entry can be done twice; one that
 * fails is tried again later and holds none of the others up.
 */
export async function startOutbox(
  dependencies: OutboxDependencies,
  options: OutboxOptions,
): Promise<AsyncDisposable> {
  const { database, logger } = dependencies;
  const stopping = new AbortController();
  const { signal } = stopping;
  const wakeup = new Wakeup();
  const listening = await database.listen(outboxChannel, () => wakeup.wake());

  /** The entries that this process is at. */
  const held = new Set<number>();

  async function perform(entries: readonly OutboxEntry[]): Promise<void> {
    const ids = entries.map(({ id }) => id);
    const settle = async (how: (client: PoolClient, ids: readonly number[]) => Promise<void>) => {
      for (const id of ids) held.delete(id);
      await database.forWorker((client) => how(client, ids));
    };
    try {
      signal.throwIfAborted();
      await performGroup(entries, dependencies, signal);
      await settle(removeEntries);
    } catch (error) {
      const failure = asTributaryError(error);
      if (entries.length > 1 && !failure.retryable && !signal.aborted) {
        // One of them does it: alone, the others get done.
        for (const entry of entries) await perform([entry]);
        return;
      }
      if (!signal.aborted)
        logger.warn({ err: failure, kind: entries[0]?.kind }, 'an outbox entry failed; trying again');
      await settle(signal.aborted ? releaseEntries : postponeEntries).catch(() => undefined);
    }
  }

  async function performAll(entries: readonly OutboxEntry[]): Promise<void> {
    for (const { id } of entries) held.add(id);
    const timer = setInterval(() => {
      database
        .forWorker((client) => prolongEntries(client, [...held], options.leaseMs))
        .catch((error: unknown) => logger.debug({ err: error }, 'outbox entries could not be held'));
    }, options.leaseMs / 3);
    try {
      await inLanes(groupsOf(entries), lanes, perform);
    } finally {
      clearInterval(timer);
      held.clear();
    }
  }

  async function loop(): Promise<void> {
    while (!signal.aborted) {
      try {
        const entries = await database.forWorker((client) =>
          takeEntries(client, { limit: batchSize, leaseMs: options.leaseMs }),
        );
        if (entries.length === 0) await wakeup.wait(options.pollMs);
        else await performAll(entries);
      } catch (error) {
        logger.warn({ err: asTributaryError(error) }, 'the outbox cannot be read; trying again');
        await delay(options.pollMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  const running = loop();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort(new DOMException('The process stops.', 'AbortError'));
      wakeup.wake();
      await listening[Symbol.asyncDispose]();
      await running;
    },
  };
}

/** The entries that are done together: deleted documents of one tenant; every other entry by itself. */
function groupsOf(entries: readonly OutboxEntry[]): OutboxEntry[][] {
  const byTenant = new Map<string, OutboxEntry[]>();
  const groups: OutboxEntry[][] = [];
  for (const entry of entries) {
    const known = entry.kind === 'purge-document' ? byTenant.get(entry.tenant) : undefined;
    if (known !== undefined) {
      known.push(entry);
      continue;
    }
    const group = [entry];
    groups.push(group);
    if (entry.kind === 'purge-document') byTenant.set(entry.tenant, group);
  }
  return groups;
}

async function performGroup(
  entries: readonly OutboxEntry[],
  dependencies: OutboxDependencies,
  signal: AbortSignal,
): Promise<void> {
  const [entry] = entries;
  switch (entry?.kind) {
    case undefined:
      return;
    case 'remove-blob':
      await dependencies.blobs.delete(entry.payload.blobKey);
      return;
    case 'purge-versions':
      await purgeVersions(entry.tenant, entry.payload.documentId, dependencies);
      return purgeSpaces(entry.tenant, entry.payload.documentId, entry.payload.left ?? [], dependencies);
    case 'purge-document': {
      const ids = entries.flatMap((each) =>
        each.kind === 'purge-document' ? [each.payload.documentId] : [],
      );
      return purgeDocuments(entry.tenant, ids, dependencies, signal);
    }
  }
}
