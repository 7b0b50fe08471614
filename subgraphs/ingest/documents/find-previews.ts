import type { PoolClient } from 'pg';
import type { Box, Locator } from '../../../platform/types.ts';
import type { ChunkModel } from '../models.ts';

/** A passage that has a picture of its own. */
interface Shown {
  readonly id: string;
  readonly documentId: string;
  readonly locator: Locator;
}

/** Kinds of places that another passage's picture can show. */
const borrows = new Set<Locator['kind']>(['ImageRegion', 'PageRegion', 'TimeSpan']);
/** More stills than this are not looked through for one. */
const maxShown = 20_000;

/**
 * Which passage's picture shows each of these: its own, or that of the passage that it is another view of, or that of the
 * passage that it lies in: the whole picture for a line that was read in it, the page, the shot of a film.
 *
 * @returns the ids of the passages that are shown, by the ids of those asked for; nothing for those without a picture.
 */
export async function findPreviews(
  client: PoolClient,
  tenant: string,
  chunks: readonly ChunkModel[],
): Promise<Map<string, string>> {
  const { rows } = await client.query<{ id: string; shown: string }>(
    `select c.id, p.id as shown from chunks c
     join chunks p on p.tenant = c.tenant and p.id in (c.id, c.view_of) and p.preview_key is not null
     where c.tenant = $1 and c.id = any($2)`,
    [tenant, chunks.map(({ id }) => id)],
  );
  const previews = new Map(rows.map(({ id, shown }) => [id, shown]));
  const others = chunks.filter(({ id, locator }) => !previews.has(id) && borrows.has(locator.kind));
  if (others.length === 0) return previews;
  const { rows: all } = await client.query<Shown>(
    `select v.chunk_id as id, v.document_id as "documentId", v.locator from visible_chunks v
     join chunks c on c.tenant = v.tenant and c.id = v.chunk_id
     where v.tenant = $1 and v.document_id = any($2) and c.preview_key is not null
     order by v.document_id, v.ordinal limit $3`,
    [tenant, [...new Set(others.map(({ documentId }) => documentId))], maxShown],
  );
  for (const { id, documentId, locator } of others) {
    const own = all.filter((shown) => shown.documentId === documentId);
    const nearest = nearestOf(locator, own);
    if (nearest !== null) previews.set(id, nearest);
  }
  return previews;
}

/** The smallest picture, or the latest still, that a place lies in. */
function nearestOf(place: Locator, all: readonly Shown[]): string | null {
  let found: { readonly id: string; readonly size: number } | null = null;
  for (const { id, locator } of all) {
    const size = sizeAround(place, locator);
    if (size !== null && (found === null || size < found.size)) found = { id, size };
  }
  return found?.id ?? null;
}

/** How much more than a place another one shows; null where the place does not lie in it. */
function sizeAround(place: Locator, other: Locator): number | null {
  if (place.kind === 'ImageRegion')
    return other.kind === 'ImageRegion' ? areaAround(place.box, other.box) : null;
  if (place.kind === 'TimeSpan') {
    // A still is of the start of its shot: what comes later is seen in it until the next one.
    return other.kind === 'TimeSpan' && other.startMs <= place.startMs ? place.startMs - other.startMs : null;
  }
  if (place.kind !== 'PageRegion' || other.kind !== 'PageRegion' || other.page !== place.page) return null;
  if (other.box === null) return 1;
  return place.box === null ? null : areaAround(place.box, other.box);
}

/** The area of a box that the middle of another one lies in. */
function areaAround(inner: Box, outer: Box): number | null {
  const x = inner.left + inner.width / 2 - outer.left;
  const y = inner.top + inner.height / 2 - outer.top;
  return x >= 0 && y >= 0 && x <= outer.width && y <= outer.height ? outer.width * outer.height : null;
}
