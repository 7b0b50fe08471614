import { edgesFingerprint } from '../../../platform/encoder/edges-fingerprint.ts';
import type { Encoder } from '../../../platform/ports/encoder.ts';
import type { Pixels } from '../../../platform/ports/pixels.ts';
import type { SoundEncoder } from '../../../platform/ports/sound-encoder.ts';
import type { CollectionName, VectorRecord, VectorStore } from '../../../platform/ports/vector-store.ts';
import type { VisualEncoder } from '../../../platform/ports/visual-encoder.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import type { Modality } from '../../../platform/types.ts';

/** A passage, and the views of it: what it shows, how it sounds, and its words. */
export interface Piece {
  readonly modality: Modality;
  readonly text?: string;
  readonly picture?: Pixels;
  readonly edges?: Pixels;
  readonly sound?: Float32Array;
}

/** A document of pieces for tests. */
export interface PieceDocument {
  readonly name: string;
  readonly pieces: readonly Piece[];
  readonly tenant?: string;
  /** The tools that its version was lacking, whose vectors are left out. */
  readonly lacks?: readonly ('visual-encoder' | 'sound-encoder')[];
}

export interface PieceStores {
  readonly database: Database;
  readonly vectors: VectorStore;
  readonly encoder: Encoder;
  readonly visual: VisualEncoder;
  readonly sound: SoundEncoder;
  /** The ids that tests expect. */
  idOf(name: string, ordinal: number): string;
  documentIdOf(name: string): string;
}

interface Row {
  readonly id: string;
  readonly ordinal: number;
  readonly viewOf: string | null;
  readonly collection: CollectionName;
  readonly modality: Modality;
  readonly text: string | null;
  readonly vector: Float32Array | null;
}

/**
 * Stores pieces as ingest does: a passage is in the space of what it shows or how it sounds, if anything, and its words are
 * a view of it. Passages are numbered one by one; the views of the first are `0.1`, `0.2`.
 */
export async function addPieces(documents: readonly PieceDocument[], stores: PieceStores): Promise<void> {
  for (const { name, pieces, tenant = 'acme', lacks = [] } of documents) {
    const documentId = stores.documentIdOf(name);
    const rows: Row[] = [];
    for (const [index, piece] of pieces.entries()) rows.push(...(await rowsOf(name, index, piece, stores)));
    const kept = rows.map((row) => ({
      ...row,
      vector:
        (row.collection.family === 'image' && lacks.includes('visual-encoder')) ||
        (row.collection.family === 'audio' && lacks.includes('sound-encoder'))
          ? null
          : row.vector,
    }));
    await stores.database.forTenant(tenant, async (client) => {
      await client.query(
        `insert into documents (tenant, id, source_key, title, modality, state, visible_version)
         values ($1, $2, $3, $3, $4, 'SEARCHABLE', 1)`,
        [tenant, documentId, name, pieces[0]?.modality ?? 'TEXT'],
      );
      await client.query(
        `insert into document_versions (tenant, document_id, version, content_sha256, media_type, byte_size, blob_key, lacks)
         values ($1, $2, 1, '', 'application/octet-stream', 1, $3, $4)`,
        [tenant, documentId, documentId, lacks],
      );
      for (const { id, ordinal, viewOf, collection, modality, text } of kept) {
        await client.query(
          `insert into chunks (tenant, id, document_id, first_version, seen_version, ordinal, modality, family, fingerprint,
                               text, locator, view_of)
           values ($1, $2, $3, 1, 1, $4, $5, $6, $7, $8, '{}', $9)`,
          [
            ...[tenant, id, documentId, ordinal, modality, collection.family, collection.fingerprint],
            ...[text, viewOf],
          ],
        );
      }
      await client.query(
        `insert into corpus_epochs as known (tenant, epoch, modalities) values ($1, 1, $2)
         on conflict (tenant) do update set epoch = known.epoch + 1,
           modalities = array(select distinct unnest(known.modalities || $2) order by 1)`,
        [tenant, [...new Set(pieces.map(({ modality }) => modality))]],
      );
    });
    for (const { id, collection, modality, text, vector } of kept) {
      if (vector === null) continue;
      const record: VectorRecord = {
        ...{ chunkId: id, tenant, documentId, modality, vector, searchText: `${name}\n${text ?? ''}` },
        ...{ year: null, author: null, tags: [], source: null, publishedAtMs: null, containsPii: false },
        metadata: {},
      };
      await stores.vectors.upsert(collection, [record]);
    }
  }
}

async function rowsOf(name: string, index: number, piece: Piece, stores: PieceStores): Promise<Row[]> {
  const { modality, text = null, picture, edges, sound } = piece;
  const { encoder, visual, sound: ofSound } = stores;
  const own = { modality, text };
  const inSpace = (family: CollectionName['family'], fingerprint: string) => ({ family, fingerprint });
  const contents: { readonly collection: CollectionName; readonly vector: Float32Array | null }[] = [];
  const { fingerprint } = visual.description;
  if (picture) {
    const [vector = null] = await visual.encodePictures([picture]);
    contents.push({ collection: inSpace('image', fingerprint), vector });
  }
  if (edges) {
    const [vector = null] = await visual.encodePictures([edges]);
    contents.push({ collection: inSpace('image', edgesFingerprint(fingerprint)), vector });
  }
  if (sound) {
    const [vector = null] = await ofSound.encode([sound]);
    contents.push({ collection: inSpace('audio', ofSound.description.fingerprint), vector });
  }
  const [vector = null] = await encoder.encode([`${name}\n${text ?? ''}`], 'passage');
  contents.push({ collection: inSpace('text', encoder.description.fingerprint), vector });
  const id = stores.idOf(name, index);
  return contents.map(({ collection, vector: made }, view) => ({
    ...own,
    id: view === 0 ? id : stores.idOf(name, index + view / 10),
    ordinal: index * 10 + view,
    viewOf: view === 0 ? null : id,
    collection,
    vector: made,
  }));
}
