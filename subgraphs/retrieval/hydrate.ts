import type { Database } from '../../platform/postgres/database.ts';
import { findVisiblePassages } from './find-visible.ts';
import { createHighlighter, queryTerms } from './highlight.ts';
import type { Hit, Hits, Plan, Ranked } from './types.ts';

/**
 * Takes the page out of all hits, looks once more whether each may still be seen, and finds the query's words
 * in their texts. A hit whose document was deleted in the moment since is left out.
 */
export async function hydrate(
  ranked: readonly Ranked[],
  plan: Plan,
  database: Database,
  signal: AbortSignal,
): Promise<Hits> {
  const { offset, first, query, tenant } = plan;
  const page = ranked.slice(offset, offset + first);
  const passages = await findVisiblePassages(
    database,
    tenant,
    page.map(({ chunkId }) => chunkId),
    signal,
  );
  const highlight = createHighlighter(queryTerms(query.kind === 'text' ? query.text : ''));
  const hits = page.flatMap((passage, index): Hit[] => {
    const visible = passages.get(passage.chunkId);
    if (visible === undefined) return [];
    return [{ ...passage, rank: offset + index + 1, highlights: highlight(visible.text ?? '') }];
  });
  return { hits, hasNextPage: ranked.length > offset + page.length && page.length > 0 };
}
