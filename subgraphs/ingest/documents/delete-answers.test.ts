import { expect, it } from 'vitest';
import { systemClock } from '../../../platform/ports/clock.ts';
import { createTestDatabase } from '../../../platform/testing/test-database.ts';
import { createIngestBench } from '../testing/ingest-bench.ts';
import { deleteDocument } from './delete-document.ts';

it('takes a document’s words out of the answers before the deletion is acknowledged', async () => {
  // A database that no outbox works on: what is gone is gone by the deletion itself.
  await using database = await createTestDatabase();
  await using bench = await createIngestBench();
  await database.forWorker(async (client) => {
    await client.query(
      `insert into documents (tenant, id, source_key, title, modality, state, visible_version)
       values ('acme', 'doc_1', 'a', 'A', 'TEXT', 'SEARCHABLE', 1)`,
    );
    await client.query(
      `insert into answers (tenant, id, subject, conversation_id, question, style, model, state, input, last_sequence)
       values ('acme', 'ans_1', 'me', 'cnv_1', 'Where?', 'EXTRACTIVE', 'extractive', 'COMPLETED', '{}', 2)`,
    );
    await client.query(
      `insert into answer_events (tenant, answer_id, sequence, kind, payload) values
         ('acme', 'ans_1', 1, 'AnswerStarted', '{}'), ('acme', 'ans_1', 2, 'TokenDelta', '{"text": "In the attic."}')`,
    );
    await client.query(
      `insert into answer_documents (tenant, answer_id, document_id) values ('acme', 'ans_1', 'doc_1')`,
    );
  });
  const receipt = await deleteDocument('acme', 'doc_1', { database, cache: bench.cache, clock: systemClock });
  expect(receipt.stores).toContainEqual({ store: 'answers', removed: 1, purgedAt: expect.any(String) });
  const { rows } = await database.forWorker((client) => client.query('select payload from answer_events'));
  expect(JSON.stringify(rows)).not.toContain('attic');
});
