import type { Filter } from '../../platform/ports/vector-store.ts';
import { columnKey } from '../../platform/tables/cells.ts';

const inOrder = <T>(values: readonly T[]): T[] =>
  [...new Map(values.map((value) => [JSON.stringify(value), value]))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => value);

/** The same filter in the one form that all filters have that say the same in another order, or twice. */
export function canonicalFilter(filter: Filter): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { ...filter, filters: inOrder(filter.filters.map(canonicalFilter)) };
    case 'not':
      return { ...filter, filter: canonicalFilter(filter.filter) };
    case 'documentIn':
      return { ...filter, documentIds: inOrder(filter.documentIds) };
    case 'modalityIn':
      return { ...filter, modalities: inOrder(filter.modalities) };
    case 'authorIn':
      return { ...filter, authors: inOrder(filter.authors) };
    case 'sourceIn':
      return { ...filter, sources: inOrder(filter.sources) };
    case 'tagsAll':
    case 'tagsAny':
      return { ...filter, tags: inOrder(filter.tags) };
    case 'metadataIn':
      return { ...filter, values: inOrder(filter.values) };
    case 'cells':
      return {
        ...filter,
        tests: inOrder(
          filter.tests.map((test) => {
            const column = columnKey(test.column);
            return test.operator === 'in'
              ? { ...test, column, values: inOrder(test.values) }
              : { ...test, column };
          }),
        ),
      };
    default:
      return filter;
  }
}
