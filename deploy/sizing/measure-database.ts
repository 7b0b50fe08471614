import pg from 'pg';
import { migrate } from '../../platform/postgres/migrate.ts';
import { startPostgresServer } from '../../platform/servers/postgres-server.ts';

const documents = 5000;
const chunksPerDocument = 20;

/** What PostgreSQL needs for its share, in bytes, tables and indexes together. */
export interface DatabaseFigures {
  readonly bytesPerChunk: number;
  /** The document, its version and its job. */
  readonly bytesPerDocument: number;
  readonly charactersPerChunk: number;
}

/**
 * Fills a PostgreSQL of its own with 5,000 documents of 20 passages of about 800 characters each, the length that a
 * window of 200 tokens has, and asks how large the tables became.
 *
 * @param directory an empty folder.
 */
export async function measureDatabase(directory: string): Promise<DatabaseFigures> {
  await using server = await startPostgresServer({ directory });
  await migrate({ connectionString: server.url });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    const range = `generate_series(1, ${documents}) i`;
    await client.query(`insert into documents (tenant, id, source_key, title, modality, source, state, visible_version)
      select 'acme', 'doc_' || md5(i::text), 'https://example.org/library/' || i, 'Maintenance manual of pump number ' || i,
             'TEXT', 'https://example.org/library/' || i, 'SEARCHABLE', 1 from ${range}`);
    await client.query(`insert into document_versions
        (tenant, document_id, version, content_sha256, media_type, byte_size, blob_key, file_name)
      select 'acme', 'doc_' || md5(i::text), 1, encode(sha256(i::text::bytea), 'hex'), 'text/plain', 20000,
             'documents/acme/' || md5(i::text) || '-0123456789', 'manual.txt' from ${range}`);
    await client.query(`insert into jobs
        (tenant, id, document_id, version, state, stage, chunks_total, chunks_stored, finished_at)
      select 'acme', 'job_' || md5(i::text), 'doc_' || md5(i::text), 1, 'SUCCEEDED', 'DONE', ${chunksPerDocument},
             ${chunksPerDocument}, now() from ${range}`);
    // Words of three to eleven letters that do not repeat: what compression gains on real text, it does not gain here.
    await client.query(`insert into chunks (tenant, id, document_id, first_version, seen_version, ordinal, modality,
                                            family, fingerprint, text, locator)
      select 'acme', 'chk_' || substr(encode(sha256((i || '-' || j)::bytea), 'hex'), 1, 40), 'doc_' || md5(i::text),
             1, 1, j, 'TEXT', 'text', 'all-minilm-l6-v2-int8-0123456789abcdef',
             (select string_agg(substr(md5((i * 1000 + j * 40 + k)::text), 1, 3 + (k * 7) % 9), ' ')
              from generate_series(1, 100) k),
             jsonb_build_object('kind', 'TextRange', 'start', j * 800, 'end', (j + 1) * 800)
      from ${range}, generate_series(1, ${chunksPerDocument}) j`);
    await client.query('vacuum analyze');
    const { rows } = await client.query<{ name: string; bytes: string }>(
      `select relname as name, pg_total_relation_size(oid) as bytes from pg_class
       where relname in ('chunks', 'documents', 'document_versions', 'jobs')`,
    );
    const text = await client.query<{ length: string }>('select avg(length(text)) as length from chunks');
    const size = (name: string) => Number(rows.find((row) => row.name === name)?.bytes ?? Number.NaN);
    const ofDocuments = size('documents') + size('document_versions') + size('jobs');
    return {
      bytesPerChunk: Math.round(size('chunks') / (documents * chunksPerDocument)),
      bytesPerDocument: Math.round(ofDocuments / documents),
      charactersPerChunk: Math.round(Number(text.rows[0]?.length)),
    };
  } finally {
    await client.end();
  }
}
