import type { Locator } from '../../../platform/types.ts';
import type { ResolversTypes } from '../schema.generated.ts';

/**
 * A locator as the contract names it.
 *
 * @param keyframeUrl the address of a still of a time span.
 */
export function toLocator(
  locator: Locator,
  keyframeUrl: string | null = null,
): Awaited<ResolversTypes['Locator']> {
  switch (locator.kind) {
    case 'TextRange':
      return { ...locator, __typename: 'TextRange' };
    case 'PageRegion':
      return { ...locator, __typename: 'PageRegion' };
    case 'ImageRegion':
      return { ...locator, __typename: 'ImageRegion' };
    case 'TimeSpan':
      return { ...locator, __typename: 'TimeSpan', keyframeUrl };
    case 'CellRange':
      return { ...locator, __typename: 'CellRange' };
  }
}
