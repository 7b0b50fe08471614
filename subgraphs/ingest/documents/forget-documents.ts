import { documentTag } from '../../../platform/cache/cache-tags.ts';
import type { Cache, TagRemoval } from '../../../platform/ports/cache.ts';

/**
 * Removes what is remembered of searches that found these documents. A cache that cannot be reached holds nothing up:
 * what it remembers is kept by the corpus's version, which every change changes, so that nobody finds it again.
 */
export const forgetDocuments = (
  cache: Cache,
  tenant: string,
  documentIds: readonly string[],
): Promise<TagRemoval> => cache.removeTagged(documentIds.map((id) => documentTag(tenant, id)));
