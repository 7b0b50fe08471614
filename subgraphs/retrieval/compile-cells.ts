import { rejected } from '../../platform/errors.ts';
import type { CellTest, Filter, Scalar } from '../../platform/ports/vector-store.ts';
import { columnKey, instantOf } from '../../platform/tables/cells.ts';
import type { CellCondition } from './schema.generated.ts';

const maxConditions = 20;
const maxValues = 200;
const maxTextLength = 1_000;
const maxColumnLength = 1_000;

const wrong = (reason: string, field: string, message: string) => rejected(reason, message, { field });

/**
 * Checks conditions on the rows of tables.
 *
 * @param always whether the conditions must hold whatever else does: rows cannot be looked at otherwise.
 * @throws TributaryError `REJECTED_INPUT` that names the field, what was wrong, and what is allowed.
 */
export function compileCells(field: string, conditions: readonly CellCondition[], always: boolean): Filter {
  if (!always) {
    throw wrong(
      'CELLS_NOT_HERE',
      field,
      `\`${field}\` is within \`or\` or \`not\`, where cells cannot be asked for. Put \`cells\` beside them, or within \`and\`; \`in\` names several values.`,
    );
  }
  if (conditions.length === 0 || conditions.length > maxConditions) {
    throw wrong(
      'BAD_CELL_CONDITIONS',
      field,
      `\`${field}\` has ${conditions.length} conditions; 1 to ${maxConditions} are allowed.`,
    );
  }
  return {
    kind: 'cells',
    tests: conditions.flatMap((condition, index) => compileCell(`${field}[${index}]`, condition)),
  };
}

function compileCell(field: string, condition: CellCondition): CellTest[] {
  const { column } = condition;
  if (columnKey(column) === '' || column.length > maxColumnLength) {
    throw wrong(
      'BAD_COLUMN',
      `${field}.column`,
      `\`${field}.column\` must be the name of a column, of 1 to ${maxColumnLength} characters, as the table's header has it.`,
    );
  }
  const tests: CellTest[] = [];
  const { equals } = condition;
  if (equals !== null && equals !== undefined) {
    tests.push({ column, operator: 'in', values: [scalar(`${field}.equals`, equals)] });
  }
  if (condition.in !== null && condition.in !== undefined) {
    if (condition.in.length === 0 || condition.in.length > maxValues) {
      throw wrong('BAD_CELL_VALUE', `${field}.in`, `\`${field}.in\` must name 1 to ${maxValues} values.`);
    }
    const values = condition.in.map((value) => scalar(`${field}.in`, value));
    tests.push({ column, operator: 'in', values });
  }
  const comparisons = [
    ['>', 'greaterThan'],
    ['>=', 'atLeast'],
    ['<', 'lessThan'],
    ['<=', 'atMost'],
  ] as const;
  for (const [operator, name] of comparisons) {
    const value = condition[name];
    if (value === null || value === undefined) continue;
    tests.push({ column, operator, value: bound(`${field}.${name}`, value) });
  }
  if (condition.exists === false && tests.length > 0) {
    throw wrong(
      'CONTRADICTION',
      field,
      `\`${field}\` asks that there is nothing in ${JSON.stringify(column)} and also that it has a value. Leave one of them out.`,
    );
  }
  if (typeof condition.exists === 'boolean') {
    tests.push({ column, operator: 'exists', exists: condition.exists });
  }
  if (tests.length === 0) {
    throw wrong(
      'NO_OPERATOR',
      field,
      `\`${field}\` names the column ${JSON.stringify(column)} and says nothing of it. Add one of \`equals\`, \`in\`, \`greaterThan\`, \`atLeast\`, \`lessThan\`, \`atMost\` and \`exists\`.`,
    );
  }
  return tests;
}

function scalar(field: string, value: unknown): Scalar {
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value;
  if (typeof value === 'string' && value.length <= maxTextLength && !value.includes('\0'))
    return value.trim();
  throw wrong(
    'BAD_CELL_VALUE',
    field,
    `\`${field}\` must be a text of at most ${maxTextLength} characters, a number, or true or false.`,
  );
}

function bound(field: string, value: unknown): number | string {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'string') {
    const date = value.replace(/Z$/, '');
    if (instantOf(date) !== null) return date;
  }
  throw wrong(
    'BAD_CELL_VALUE',
    field,
    `\`${field}\` must be a number, a date such as "2026-11-23", or a date and time in UTC such as "2026-11-23T02:55:42".`,
  );
}
