import pg from 'pg';
import { derivedId } from '../../platform/ids.ts';
import type { VectorRecord } from '../../platform/ports/vector-store.ts';
import { caller, type System } from '../system/start-system.ts';

/** What the stores are filled with. */
export interface FillOptions {
  readonly passages: number;
  /** So many passages are a document; each document has the year 1900 + its number modulo 100. */
  readonly passagesPerDocument: number;
  readonly nextVector: () => Float32Array;
  readonly nextText: () => string;
}

/** So many passages are written at once. */
const batchSize = 5000;

/** Fills the vector store and the database with passages that can be found, by their own ports. */
export async function fillStores(system: System, options: FillOptions): Promise<void> {
  const { passages, passagesPerDocument, nextVector, nextText } = options;
  const { tenant } = caller;
  const { fingerprint } = system.encoder.description;
  for (let first = 0; first < passages; first += batchSize) {
    const numbers = Array.from(
      { length: Math.min(batchSize, passages - first) },
      (_, index) => first + index,
    );
    const records = numbers.map((number): VectorRecord => {
      const document = Math.floor(number / passagesPerDocument);
      return {
        chunkId: derivedId('chk', ['bench', number]),
        tenant,
        documentId: derivedId('doc', ['bench', document]),
        modality: 'TEXT',
        vector: nextVector(),
        searchText: nextText(),
        year: 1900 + (document % 100),
        author: null,
        tags: [],
        source: null,
        publishedAtMs: null,
        containsPii: false,
        metadata: {},
      };
    });
    await system.vectors.upsert({ family: 'text', fingerprint }, records);
    await system.database.forWorker(async (client) => {
      await client.query(
        `insert into documents (tenant, id, source_key, title, modality, state, version, visible_version, year)
         select distinct $1, id, id, 'Document ' || id, 'TEXT', 'SEARCHABLE', 1, 1, year
         from unnest($2::text[], $3::int[]) as new (id, year) on conflict do nothing`,
        [tenant, records.map(({ documentId }) => documentId), records.map(({ year }) => year)],
      );
      await client.query(
        `insert into chunks (tenant, id, document_id, first_version, seen_version, ordinal, modality, family,
                             fingerprint, text, locator)
         select $1, id, document_id, 1, 1, ordinal, 'TEXT', 'text', $2, text,
                '{"kind": "TextRange", "start": 0, "end": 1}'
         from unnest($3::text[], $4::text[], $5::int[], $6::text[]) as new (id, document_id, ordinal, text)`,
        [
          tenant,
          fingerprint,
          records.map(({ chunkId }) => chunkId),
          records.map(({ documentId }) => documentId),
          numbers.map((number) => number % passagesPerDocument),
          records.map(({ searchText }) => searchText),
        ],
      );
    });
  }
  await system.vectors.optimize();
  // What PostgreSQL does by itself within a minute.
  const client = new pg.Client({ connectionString: system.connectionString });
  await client.connect();
  await client.query('analyze documents, chunks');
  await client.end();
}
