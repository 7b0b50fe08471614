import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { System } from './start-system.ts';

const mutation = `mutation ($input: IngestDocumentInput!) {
  ingestDocument(input: $input) { __typename ... on IngestJob { id } ... on Problem { message } }
}`;
const acceptedSchema = z.object({
  ingestDocument: z.object({ __typename: z.literal('IngestJob'), id: z.string() }),
});

/** How often it is looked whether all jobs have ended, in milliseconds: a hundredth of a round, or less. */
const lookMs = 20;

/**
 * Ingests texts through the gateway and waits until all of them can be found.
 *
 * @returns how many passages they have become.
 * @throws Error where one is refused or fails.
 */
export async function addDocuments(system: System, texts: readonly string[]): Promise<number> {
  const ids = await Promise.all(
    texts.map(async (text, index) => {
      const input = { text, attributes: { title: `Manual ${index}` } };
      return acceptedSchema.parse(await system.ask(mutation, { input })).ingestDocument.id;
    }),
  );
  return whenSearchable(system, ids);
}

/** Waits until all of these jobs are done. @returns how many passages they have made. @throws Error where one fails. */
export async function whenSearchable(system: System, ids: readonly string[]): Promise<number> {
  for (;;) {
    const { open, failed, passages } = await system.database.forWorker(async (client) => {
      const { rows } = await client.query<{ open: number; failed: number; passages: number }>(
        `select count(*) filter (where state in ('QUEUED', 'RUNNING')) as open,
                count(*) filter (where state in ('FAILED', 'CANCELLED')) as failed,
                coalesce(sum(chunks_stored), 0) as passages
         from jobs where id = any($1)`,
        [ids],
      );
      return rows[0] ?? { open: 0, failed: 0, passages: 0 };
    });
    if (failed > 0) throw new Error(`${failed} of ${ids.length} documents could not be ingested.`);
    if (open === 0) return Number(passages);
    await delay(lookMs);
  }
}
