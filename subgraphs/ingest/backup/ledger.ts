import type { ClientBase, PoolClient } from 'pg';
import { z } from 'zod';
import { rejected } from '../../../platform/errors.ts';
import { cancelJobs } from '../jobs/jobs.ts';
import { addToOutbox } from '../jobs/outbox.ts';
import { nextEpoch } from '../store.ts';
import { readLines, writeLines } from './backup-file.ts';
import type { BackupFile } from './manifest.ts';

/** A deletion receipt, a line of the ledger. */
const receipt = z.object({
  tenant: z.string(),
  id: z.string(),
  document_id: z.string(),
  requested_at: z.string(),
  unfindable_at: z.string(),
  purged_at: z.string().nullable(),
  stores: z.array(z.unknown()),
  signature: z.string().nullable(),
});

export type LedgerEntry = z.infer<typeof receipt>;

const batchSize = 1000;

async function* receipts(client: ClientBase): AsyncGenerator<LedgerEntry> {
  let after: readonly [string, string] = ['', ''];
  for (;;) {
    const { rows } = await client.query<{ tenant: string; id: string; receipt: LedgerEntry }>(
      `select tenant, id, to_jsonb(r) as receipt from deletion_receipts r
       where (tenant, id) > ($1, $2) order by tenant, id limit ${batchSize}`,
      [...after],
    );
    for (const row of rows) yield receipt.parse(row.receipt);
    const last = rows.at(-1);
    if (last === undefined || rows.length < batchSize) return;
    after = [last.tenant, last.id];
  }
}

/** Writes every deletion receipt of every tenant, one JSON text a line. */
export const writeLedger = (client: ClientBase, directory: string, path: string): Promise<BackupFile> =>
  writeLines(directory, path, receipts(client));

/**
 * Reads ledgers: what was deleted, by tenant and document.
 *
 * @throws TributaryError `REJECTED_INPUT` where a line is no receipt.
 */
export async function readLedgers(paths: readonly string[]): Promise<Map<string, LedgerEntry>> {
  const entries = new Map<string, LedgerEntry>();
  for (const path of paths) {
    try {
      for await (const entry of readLines(path, receipt)) {
        const key = documentKey(entry.tenant, entry.document_id);
        // One that is complete says more than the same one on its way.
        if (entries.get(key)?.purged_at == null) entries.set(key, entry);
      }
    } catch (error) {
      throw rejected(
        'RECEIPTS_UNREADABLE',
        `${path} is no ledger of deletion receipts: it has one receipt a line, as \`npm run receipts -- FILE\` writes them.`,
        { cause: error },
      );
    }
  }
  return entries;
}

export const documentKey = (tenant: string, documentId: string): string => `${tenant}/${documentId}`;

/**
 * Deletes again what was deleted after the moment of a backup: nothing of it is found from the commit on, and the
 * outbox purges what is left of it. The receipts stay what they were.
 *
 * @returns how many documents.
 */
export async function deleteAgain(client: PoolClient, entries: Iterable<LedgerEntry>): Promise<number> {
  let deleted = 0;
  for (const entry of entries) {
    const { tenant, document_id: documentId } = entry;
    const { rowCount } = await client.query(
      `update documents set deleted_at = $3, updated_at = now(), state = 'DELETED'
       where tenant = $1 and id = $2 and deleted_at is null`,
      [tenant, documentId, entry.requested_at],
    );
    // The receipt of a document that this backup never had is kept too: an auditor may ask for it.
    await client.query(
      `insert into deletion_receipts (tenant, id, document_id, requested_at, unfindable_at, purged_at, stores, signature)
       values ($1, $2, $3, $4, $5, $6, $7, $8)
       on conflict (tenant, id) do update
         set purged_at = excluded.purged_at, stores = excluded.stores, signature = excluded.signature
         where deletion_receipts.purged_at is null`,
      [
        ...[tenant, entry.id, documentId, entry.requested_at, entry.unfindable_at, entry.purged_at],
        ...[JSON.stringify(entry.stores), entry.signature],
      ],
    );
    if (rowCount !== 1) continue;
    deleted++;
    await cancelJobs(client, tenant, documentId);
    await nextEpoch(client, tenant);
    await addToOutbox(client, tenant, 'purge-document', { documentId });
  }
  return deleted;
}
