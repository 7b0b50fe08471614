import type { IngestBench } from './ingest-bench.ts';

/** What is wrong between the stores: empty where everything that is in one is in the others, once. */
export async function findViolations(
  bench: Pick<IngestBench, 'database' | 'vectors' | 'blobs'>,
): Promise<string[]> {
  const violations: string[] = [];
  const rows = await bench.database.forWorker(async (client) => {
    const chunks = await client.query<{
      id: string;
      document_id: string;
      visible: boolean;
      family: 'text' | 'image' | 'audio';
      encoders: string[];
      tier: 'HOT' | 'COLD';
      moving: boolean;
    }>(
      `select c.id, c.document_id, c.family, d.tier, d.two_tiers_since is not null as moving, v.chunk_id is not null as visible,
              coalesce(c.encoded_by, array[c.fingerprint]) as encoders
       from chunks c join documents d on d.tenant = c.tenant and d.id = c.document_id
       left join visible_chunks v on v.tenant = c.tenant and v.chunk_id = c.id`,
    );
    const blobs = await client.query<{ blob_key: string }>(
      `select blob_key from document_versions union all select blob_key from uploads where blob_key is not null
       union all select preview_key from chunks where preview_key is not null`,
    );
    const gaps = await client.query<{ job_id: string }>(
      `select job_id from job_events group by tenant, job_id having max(sequence) <> count(*) or min(sequence) <> 1`,
    );
    const doubles = await client.query<{ document_id: string; ordinal: number }>(
      `select document_id, ordinal from visible_chunks group by tenant, document_id, ordinal having count(*) > 1`,
    );
    return { chunks: chunks.rows, blobs: blobs.rows, gaps: gaps.rows, doubles: doubles.rows };
  });
  const known = new Map(rows.chunks.map((chunk) => [chunk.id, chunk]));
  const stored = new Set<string>();
  for (const collection of await bench.vectors.collections()) {
    for await (const { chunkId } of bench.vectors.listChunks(collection, null)) {
      const tier = collection.tier === 'cold' ? 'COLD' : 'HOT';
      const place = `${tier}/${collection.fingerprint}/${chunkId}`;
      if (stored.has(place)) violations.push(`the vector of ${chunkId} is there twice`);
      stored.add(place);
      const row = known.get(chunkId);
      if (row === undefined) violations.push(`the vector of ${chunkId} has no row`);
      else if (
        row.family !== collection.family ||
        (row.family !== 'text' && !row.encoders.includes(collection.fingerprint))
      )
        violations.push(`the vector of ${chunkId} is in a space that its row does not name`);
      else if (row.tier !== tier && !row.moving) violations.push(`the vector of ${chunkId} is ${tier}`);
    }
  }
  for (const { id, family, visible, encoders, tier } of rows.chunks) {
    if (!visible) violations.push(`the row of ${id} is left of what cannot be found`);
    // Pictures and sound are stored without a vector where there is no encoder for them.
    if (visible && encoders.length === 0 && family === 'text')
      violations.push(`the passage ${id} is encoded by nobody`);
    for (const encoder of visible ? encoders : []) {
      if (!stored.has(`${tier}/${encoder}/${id}`))
        violations.push(`the passage ${id} has no vector of ${encoder}`);
    }
  }
  const referred = new Set(rows.blobs.map(({ blob_key }) => blob_key));
  const kept = new Set<string>();
  for await (const key of bench.blobs.list('documents/')) {
    kept.add(key);
    if (!referred.has(key)) violations.push(`no row refers to the blob ${key}`);
  }
  for (const key of referred) if (!kept.has(key)) violations.push(`the blob ${key} is missing`);
  for (const { job_id } of rows.gaps) violations.push(`the events of ${job_id} have a gap`);
  for (const { document_id, ordinal } of rows.doubles) {
    violations.push(`passage ${ordinal} of ${document_id} is there twice`);
  }
  return violations;
}
