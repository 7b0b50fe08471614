import type { CellTest, Filter, RowTest } from '../ports/vector-store.ts';
import { type CellValue, cellsKey, columnKey, indexKey, indexNames, instantOf } from './cells.ts';

const at = (...path: readonly string[]): readonly string[] => [cellsKey, ...path];
const exists = (...path: readonly string[]): Filter => ({ kind: 'metadataExists', path: at(...path) });

/**
 * What a vector store rules passages out by: it lets through whatever has a row that matches, and perhaps more, so
 * that what is found has still to be looked at by `matchPath`.
 */
export function pruneByCells(tests: RowTest): Filter {
  const { columns, anything } = indexNames;
  const conditions = tests.map(pruneByCell);
  const known: Filter = { kind: 'or', filters: [exists(anything), exists(columns)] };
  return {
    kind: 'and',
    filters: [known, { kind: 'or', filters: [exists(anything), { kind: 'and', filters: conditions }] }],
  };
}

function pruneByCell(test: CellTest): Filter {
  const { columns, values, least, most, first, last } = indexNames;
  const key = indexKey(columnKey(test.column));
  switch (test.operator) {
    case 'exists':
      // Of another row of the same passage the index knows nothing.
      return test.exists ? exists(columns, key) : { kind: 'and', filters: [] };
    case 'in':
      return {
        kind: 'or',
        filters: test.values.map((value) =>
          typeof value === 'number'
            ? {
                kind: 'and',
                filters: [compare([least, key], '<=', value), compare([most, key], '>=', value)],
              }
            : exists(values, indexKey(columnKey(test.column), value)),
        ),
      };
    default: {
      const isDate = typeof test.value === 'string';
      const [low, high] = isDate ? [first, last] : [least, most];
      const value = typeof test.value === 'string' ? (instantOf(test.value) ?? 0) : test.value;
      return compare([test.operator.startsWith('>') ? high : low, key], test.operator, value);
    }
  }
}

const compare = (path: readonly string[], operator: '>' | '>=' | '<' | '<=', value: number): Filter => ({
  ...{ kind: 'metadataCompare', path: at(...path), operator, value },
});

/**
 * The exact check, as a path of SQL/JSON for PostgreSQL's `jsonb_path_exists(cells, path, variables)`: for each of
 * the tests there is one row of the passage for which all of its conditions hold. A value of another type than what
 * it is compared with does not match.
 */
export function matchPath(tests: readonly RowTest[]): {
  readonly path: string;
  readonly variables: Readonly<Record<string, CellValue>>;
} {
  const variables: Record<string, CellValue> = {};
  const variable = (value: CellValue): string => {
    const name = `v${Object.keys(variables).length}`;
    variables[name] = value;
    return `$${name}`;
  };
  const ofCell = (test: CellTest): string => {
    const cell = `@.${JSON.stringify(columnKey(test.column))}`;
    switch (test.operator) {
      case 'exists':
        return test.exists ? `exists(${cell})` : `!exists(${cell})`;
      case 'in':
        return `(${test.values.map((value) => `${cell} == ${variable(value)}`).join(' || ')})`;
      default: {
        const compared = `${cell} ${test.operator} ${variable(test.value)}`;
        return typeof test.value === 'string'
          ? `(${compared} && ${cell} like_regex "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+)?$")`
          : compared;
      }
    }
  };
  const ofRows = tests.map((test) => `exists(@.rows[*] ? (${test.map(ofCell).join(' && ')}))`);
  return { path: `$ ? (${ofRows.join(' && ')})`, variables };
}

/** The tests of cells that a filter has: those that must hold whatever else does. */
export function rowTestsOf(filter: Filter | null): RowTest[] {
  if (filter?.kind === 'cells') return [filter.tests];
  return filter?.kind === 'and' ? filter.filters.flatMap(rowTestsOf) : [];
}
