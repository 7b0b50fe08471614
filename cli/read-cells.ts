import { refuseCell } from './conditions.ts';
import type { CellCondition } from './operations.generated.ts';

/** How a condition on a row of a table is written; shown with every refusal of one, and in the help. */
export const cellSyntax =
  'only rows of tables in which a column has a value: price>100, "unit price"<=5, colour=red|blue, since>=2026-01-31, or its name alone where any value will do; may be repeated, and then all hold for one row';

const operators = ['>=', '<=', '!=', '>', '<', '='] as const;

/**
 * Reads the values of `--cell`: conditions that all hold for one row.
 *
 * @throws CommandFailure (usage) that teaches the syntax.
 */
export const readCells = (conditions: readonly string[]): CellCondition[] => conditions.map(readCell);

function readCell(written: string): CellCondition {
  const quoted = /^\s*"([^"]*)"\s*(.*)$/s.exec(written);
  const plain = /^([^<>=!]*)(.*)$/s.exec(written);
  const [, name = '', rest = ''] = quoted ?? plain ?? [];
  const column = name.trim();
  const operator = operators.find((each) => rest.startsWith(each));
  if (column === '' || (operator === undefined && rest !== '')) {
    throw refuseCell(`"${written}" is not a condition.`, cellSyntax);
  }
  if (operator === undefined) return { column, exists: true };
  const values = rest
    .slice(operator.length)
    .split('|')
    .map((value) => value.trim());
  const [first = '', ...others] = values;
  if (first === '') throw refuseCell(`"${written}" has no value.`, cellSyntax);
  if (operator === '=') {
    const read = values.map(readScalar);
    return others.length === 0 ? { column, equals: read[0] } : { column, in: read };
  }
  if (operator === '!=' || others.length > 0) {
    throw refuseCell(
      operator === '!=' ? `"${written}": != is not possible.` : `"${written}" compares with one value.`,
      cellSyntax,
    );
  }
  const value = readScalar(first);
  if (typeof value === 'boolean' || (typeof value === 'string' && !/^\d{4}-\d{2}-\d{2}/.test(value))) {
    throw refuseCell(`"${written}" compares with a number or a date.`, cellSyntax);
  }
  switch (operator) {
    case '>':
      return { column, greaterThan: value };
    case '>=':
      return { column, atLeast: value };
    case '<':
      return { column, lessThan: value };
    default:
      return { column, atMost: value };
  }
}

/** A number or boolean where it is written as one, else text; what stands in quotes is text. */
function readScalar(text: string): string | number | boolean {
  const quoted = /^"(.*)"$/s.exec(text);
  if (quoted !== null) return quoted[1] ?? '';
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
