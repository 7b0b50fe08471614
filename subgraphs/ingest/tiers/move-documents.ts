import type { PoolClient } from 'pg';
import type { Clock } from '../../../platform/ports/clock.ts';
import type { CollectionName, VectorRecord, VectorStore } from '../../../platform/ports/vector-store.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import type { Modality } from '../../../platform/types.ts';
import { searchTextOf } from '../encode.ts';
import { toAttributes } from '../jobs/work.ts';
import { recordOf } from '../store.ts';
import { atRest, type MovingDocument } from './choose-documents.ts';
import { collectionIn, otherTier, type Tier } from './tier.ts';

export interface MoveDependencies {
  readonly database: Database;
  readonly vectors: VectorStore;
  readonly clock: Clock;
}

interface Passage {
  readonly id: string;
  readonly document_id: string;
  readonly family: CollectionName['family'];
  readonly encoders: readonly string[];
}

/** What a passage's record is made of, beside its vectors. */
type FullPassage = Passage &
  Parameters<typeof toAttributes>[0] & {
    readonly ordinal: number;
    readonly chunk_modality: Modality;
    readonly text: string | null;
    readonly cells: Readonly<Record<string, unknown>> | null;
    readonly encoded_title: string | null;
  };

/** So many passages are read and written at once. */
const pageSize = 500;

/**
 * Moves documents of one tenant to a tier: copies their vectors, of every encoder, and then lets their rows say so.
 * Nothing is removed from where they were: that waits until no search can be under way that looked here and not there.
 * A document that has changed meanwhile stays where it is.
 *
 * @returns how many have moved.
 */
export async function moveDocuments(
  tenant: string,
  documents: readonly MovingDocument[],
  to: Tier,
  dependencies: MoveDependencies,
  signal: AbortSignal,
): Promise<number> {
  const { database, vectors } = dependencies;
  const copied = new Map<string, string[]>();
  const collections = new Map<string, { readonly name: CollectionName; readonly ids: string[] }>();
  for await (const page of passagesOf(tenant, documents, database)) {
    signal.throwIfAborted();
    for (const [fingerprint, family] of encodersOf(page)) {
      const passages = page.filter((each) => each.family === family && each.encoders.includes(fingerprint));
      const source = collectionIn({ family, fingerprint }, otherTier(to));
      const target = collectionIn(source, to);
      const ids = passages.map(({ id }) => id);
      const found = await vectors.vectors(source, tenant, ids, signal);
      const records = passages.flatMap((passage) => {
        const vector = found.get(passage.id);
        return vector === undefined ? [] : [recordFor(tenant, passage, vector)];
      });
      const key = `${family}/${fingerprint}`;
      const written = collections.get(key) ?? { name: target, ids: [] };
      written.ids.push(...records.map(({ chunkId }) => chunkId));
      collections.set(key, written);
      // Not abortable: a write that goes on by itself after an abort could come after its own undoing.
      if (records.length > 0) await vectors.upsert(target, records);
      for (const { chunkId } of records) copied.set(chunkId, [...(copied.get(chunkId) ?? []), fingerprint]);
    }
  }
  const { moved, gone } = await database.forWorker((client) =>
    flip(client, { tenant, documents, to, copied, now: new Date(dependencies.clock.now()) }),
  );
  // Its purge may have been here before our copy was.
  if (gone.length > 0) await removeCopies(tenant, [...collections.values()], dependencies);
  return moved;
}

async function* passagesOf(
  tenant: string,
  documents: readonly MovingDocument[],
  database: Database,
): AsyncGenerator<FullPassage[]> {
  for (let after: readonly [string, number] = ['', -1]; ; ) {
    const rows = await database.forWorker(async (client) => {
      const found = await client.query<FullPassage>(
        `select d.title, d.encoded_title, d.title_given, d.author_given, d.author, d.source, d.year, d.published_at,
                d.tags, d.metadata, d.contains_pii,
                c.id, c.document_id, c.ordinal, c.family, c.modality as chunk_modality, c.text, c.cells,
                coalesce(c.encoded_by, array[c.fingerprint]) as encoders
         from visible_chunks v
         join chunks c on c.tenant = v.tenant and c.id = v.chunk_id
         join documents d on d.tenant = v.tenant and d.id = v.document_id
         where v.tenant = $1 and v.document_id = any($2) and (v.document_id, v.ordinal) > ($3, $4)
         order by v.document_id, v.ordinal limit $5`,
        [tenant, documents.map(({ id }) => id), ...after, pageSize],
      );
      return found.rows;
    });
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return;
    after = [last.document_id, last.ordinal];
  }
}

function encodersOf(passages: readonly Passage[]): Map<string, CollectionName['family']> {
  return new Map(passages.flatMap(({ family, encoders }) => encoders.map((each) => [each, family] as const)));
}

const recordFor = (tenant: string, passage: FullPassage, vector: Float32Array): VectorRecord =>
  recordOf(
    {
      id: passage.id,
      modality: passage.chunk_modality,
      cells: passage.cells,
      vector,
      searchText: searchTextOf(passage.encoded_title ?? passage.title, passage.text ?? ''),
    },
    { tenant, documentId: passage.document_id },
    toAttributes(passage),
  );

interface Flip {
  readonly tenant: string;
  readonly documents: readonly MovingDocument[];
  readonly to: Tier;
  /** The encoders whose vectors of a passage are there now. */
  readonly copied: ReadonlyMap<string, readonly string[]>;
  readonly now: Date;
}

/** Lets the rows say where the vectors are, of those documents that are as they were when they were chosen. */
async function flip(
  client: PoolClient,
  { tenant, documents, to, copied, now }: Flip,
): Promise<{ readonly moved: number; readonly gone: readonly string[] }> {
  const ids = documents.map(({ id }) => id);
  // While these are held no job can be added for them, and nobody deletes them.
  const { rows: held } = await client.query<{ id: string; stamp: string; deleted: boolean; free: boolean }>(
    `select d.id, d.updated_at::text as stamp, d.deleted_at is not null as deleted, d.tier = $3 as free
     from documents d where d.tenant = $1 and d.id = any($2) order by d.id for no key update`,
    [tenant, ids, otherTier(to)],
  );
  const { rows: resting } = await client.query<{ id: string }>(
    `select d.id from documents d where d.tenant = $1 and d.id = any($2) and ${atRest}`,
    [tenant, ids],
  );
  const { rows: passages } = await client.query<Passage>(
    `select c.id, c.document_id, c.family, coalesce(c.encoded_by, array[c.fingerprint]) as encoders
     from visible_chunks v join chunks c on c.tenant = v.tenant and c.id = v.chunk_id
     where v.tenant = $1 and v.document_id = any($2)`,
    [tenant, ids],
  );
  const incomplete = new Set(
    passages
      .filter(({ id, encoders }) => encoders.some((each) => copied.get(id)?.includes(each) !== true))
      .map(({ document_id }) => document_id),
  );
  const atRestIds = new Set(resting.map(({ id }) => id));
  const stamps = new Map(documents.map(({ id, stamp }) => [id, stamp]));
  const ready = held
    .filter(
      ({ id, stamp, free }) => free && atRestIds.has(id) && stamps.get(id) === stamp && !incomplete.has(id),
    )
    .map(({ id }) => id);
  // The count of cold documents, and with it the state of the corpus, follows by itself.
  await client.query(
    'update documents set tier = $3, two_tiers_since = $4 where tenant = $1 and id = any($2)',
    [tenant, ready, to, now],
  );
  // Of a cold document it is of no interest any more when it was shown before.
  if (to === 'COLD') {
    await client.query('delete from document_use where tenant = $1 and document_id = any($2)', [
      tenant,
      ready,
    ]);
  }
  const there = new Set(held.filter(({ deleted }) => !deleted).map(({ id }) => id));
  return { moved: ready.length, gone: ids.filter((id) => !there.has(id)) };
}

async function removeCopies(
  tenant: string,
  written: readonly { readonly name: CollectionName; readonly ids: readonly string[] }[],
  { database, vectors }: MoveDependencies,
): Promise<void> {
  const kept = await database.forWorker(async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `select c.id from chunks c join documents d on d.tenant = c.tenant and d.id = c.document_id
       where c.tenant = $1 and c.id = any($2) and d.deleted_at is null`,
      [tenant, written.flatMap(({ ids }) => ids)],
    );
    return new Set(rows.map(({ id }) => id));
  });
  for (const { name, ids } of written) {
    const orphans = ids.filter((id) => !kept.has(id));
    if (orphans.length > 0) await vectors.deleteChunks(name, tenant, orphans);
  }
}
