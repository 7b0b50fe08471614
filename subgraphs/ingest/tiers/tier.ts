import type { CollectionName } from '../../../platform/ports/vector-store.ts';

/** Where the vectors of a document are, as its row says: in memory, or loaded on demand. */
export type Tier = 'HOT' | 'COLD';

export const otherTier = (tier: Tier): Tier => (tier === 'HOT' ? 'COLD' : 'HOT');

/** The tier that a collection belongs to. */
export const tierOf = ({ tier }: CollectionName): Tier => (tier === 'cold' ? 'COLD' : 'HOT');

/** The collection of the same encoder and family in a tier. */
export const collectionIn = ({ family, fingerprint }: CollectionName, tier: Tier): CollectionName =>
  tier === 'COLD' ? { family, fingerprint, tier: 'cold' } : { family, fingerprint };
