import { setTimeout as delay } from 'node:timers/promises';
import { asTributaryError } from '../../../platform/errors.ts';
import type { Logger } from '../../../platform/logger.ts';
import { type PurgeDocumentDependencies, purgeDocument } from '../documents/delete-document.ts';
import { purgeVersions } from '../documents/purge.ts';
import { type OutboxKind, type OutboxPayloads, outboxChannel } from './outbox.ts';
import { Wakeup } from './wakeup.ts';

export interface OutboxDependencies extends PurgeDocumentDependencies {
  readonly logger: Logger;
}

export interface OutboxOptions {
  /** After so long an entry whose worker has not been heard of is taken again. */
  readonly leaseMs: number;
  /** How long a missed notification can delay an entry. */
  readonly pollMs: number;
}

type Entry = {
  [Kind in OutboxKind]: {
    readonly id: number;
    readonly tenant: string;
    readonly kind: Kind;
    readonly payload: OutboxPayloads[Kind];
    readonly attempts: number;
  };
}[OutboxKind];

const longestRetryMs = 30_000;

/** Works the outbox off, one entry after the other, until it is disposed of. Every entry can be done twice. */
export async function startOutbox(
  dependencies: OutboxDependencies,
  options: OutboxOptions,
): Promise<AsyncDisposable> {
  const { database, logger } = dependencies;
  const stopping = new AbortController();
  const wakeup = new Wakeup();
  const listening = await database.listen(outboxChannel, () => wakeup.wake());

  async function takeEntry(): Promise<Entry | undefined> {
    return database.forWorker(async (client) => {
      const { rows } = await client.query<Entry>(
        `update outbox set attempts = attempts + 1, run_after = now() + $1 * interval '1 millisecond'
         where id = (select id from outbox where run_after <= now() order by run_after, id limit 1 for update skip locked)
         returning id, tenant, kind, payload, attempts`,
        [options.leaseMs],
      );
      return rows[0];
    });
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      let entry: Entry | undefined;
      try {
        entry = await takeEntry();
        if (entry === undefined) await wakeup.wait(options.pollMs);
        else {
          const { id } = entry;
          await perform(entry, dependencies);
          await database.forWorker((client) => client.query('delete from outbox where id = $1', [id]));
        }
      } catch (error) {
        logger.warn(
          { err: asTributaryError(error), kind: entry?.kind },
          'an outbox entry failed; trying again',
        );
        if (entry === undefined)
          await delay(options.pollMs, undefined, { signal: stopping.signal }).catch(() => {});
        else await postpone(entry).catch(() => {});
      }
    }
  }

  async function postpone({ id, attempts }: Entry): Promise<void> {
    const retryMs = Math.min(longestRetryMs, 200 * 2 ** attempts);
    await database.forWorker((client) =>
      client.query(`update outbox set run_after = now() + $2 * interval '1 millisecond' where id = $1`, [
        id,
        retryMs,
      ]),
    );
  }

  const running = loop();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      wakeup.wake();
      await listening[Symbol.asyncDispose]();
      await running;
    },
  };
}

async function perform(entry: Entry, dependencies: OutboxDependencies): Promise<void> {
  switch (entry.kind) {
    case 'remove-blob':
      await dependencies.blobs.delete(entry.payload.blobKey);
      return;
    case 'purge-versions':
      return purgeVersions(entry.tenant, entry.payload.documentId, dependencies);
    case 'purge-document':
      return purgeDocument(entry.tenant, entry.payload.documentId, dependencies);
  }
}
