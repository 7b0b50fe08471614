import type { Encoder } from '../../platform/ports/encoder.ts';
import type { OpenedStores } from './open-stores.ts';

interface Passage {
  readonly id: string;
  readonly tenant: string;
  readonly source: string;
  readonly title: string;
  readonly text: string;
  readonly encoders: readonly string[];
}

const batchSize = 64;
/** Vectors are stored as they were made; what is less alike is of another text or another encoder. */
const leastAlike = 0.999;

/**
 * What is wrong with the vectors of passages that can be found: each must have one of every encoder that is kept, and
 * of no other, and it must be what that encoder makes of the passage's present text. Of an encoder that was given up
 * nothing may be left. Empty where all is well.
 */
export async function findVectorFaults(
  { database, vectors }: OpenedStores,
  kept: readonly Encoder[],
): Promise<string[]> {
  const faults: string[] = [];
  const passages = await database.forWorker(async (client) => {
    const { rows } = await client.query<Passage>(
      `select c.id, c.tenant, d.source, d.title, c.text, coalesce(c.encoded_by, array[c.fingerprint]) as encoders
       from visible_chunks v join chunks c on c.tenant = v.tenant and c.id = v.chunk_id
       join documents d on d.tenant = c.tenant and d.id = c.document_id
       order by c.tenant, c.id`,
    );
    return rows;
  });
  const wanted = kept.map(({ description }) => description.fingerprint).sort();
  for (const { source, encoders } of passages) {
    if ([...encoders].sort().join() !== wanted.join()) {
      faults.push(
        `the passage of ${source} is said to have vectors of ${encoders.join(', ') || 'no encoder'}`,
      );
    }
  }
  for (const collection of await vectors.collections()) {
    if (wanted.includes(collection.fingerprint)) continue;
    let left = 0;
    for await (const _ of vectors.listChunks(collection, null)) left++;
    if (left > 0) faults.push(`${left} vectors of ${collection.fingerprint} are left`);
  }
  for (const encoder of kept) {
    for (let from = 0; from < passages.length; from += batchSize) {
      faults.push(...(await compare(encoder, passages.slice(from, from + batchSize), vectors)));
    }
  }
  return faults;
}

async function compare(
  encoder: Encoder,
  passages: readonly Passage[],
  vectors: OpenedStores['vectors'],
): Promise<string[]> {
  const { fingerprint } = encoder.description;
  const faults: string[] = [];
  const made = await encoder.encode(
    passages.map(({ title, text }) => `${title}\n${text}`),
    'passage',
  );
  const stored = new Map<string, Float32Array>();
  for (const tenant of new Set(passages.map((passage) => passage.tenant))) {
    const ids = passages.filter((passage) => passage.tenant === tenant).map(({ id }) => id);
    const found = await vectors.vectors({ family: 'text', fingerprint }, tenant, ids);
    for (const [id, vector] of found) stored.set(id, vector);
  }
  passages.forEach(({ id, source }, index) => {
    const [one, other] = [stored.get(id), made[index]];
    if (one === undefined || other === undefined) {
      faults.push(`the passage of ${source} has no vector of ${fingerprint}`);
      return;
    }
    const alike = one.reduce((sum, value, place) => sum + value * (other[place] ?? 0), 0);
    if (alike < leastAlike) {
      faults.push(
        `the vector of ${source} by ${fingerprint} is not that of its text: ${alike.toFixed(4)} alike`,
      );
    }
  });
  return faults;
}
