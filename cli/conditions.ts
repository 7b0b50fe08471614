import { CommandFailure, exitCodes } from './failure.ts';

export type Operator = '=' | '!=' | '>=' | '<=' | '>' | '<' | '~';

/** One value of a condition; a quoted one is always text. */
export interface Value {
  readonly text: string;
  readonly quoted: boolean;
}

/** One condition of a filter, such as `year>=2020` or `author=Jane|Bob`. */
export interface Condition {
  readonly field: string;
  readonly operator: Operator;
  readonly values: readonly Value[];
  /** As it was written, for messages. */
  readonly written: string;
}

/**
 * Reads `field OPERATOR value[|value…]`, several joined by commas. A value with a comma, a bar or a quote
 * in it is put in double quotes, with `\"` and `\\` inside.
 *
 * @param syntax what to tell a user who got it wrong
 * @throws CommandFailure (usage) that names the part that is wrong.
 */
export function readConditions(text: string, syntax: string): Condition[] {
  return split(text, ',', syntax).map((part) => readCondition(part.trim(), syntax));
}

/** The refusal of a filter: what was wrong, and how one is written. */
export const refuseFilter = (problem: string, syntax: string): CommandFailure =>
  new CommandFailure(exitCodes.usage, `--filter: ${problem} ${syntax}`);

/** The refusal of a condition on a row: what was wrong, and how one is written. */
export const refuseCell = (problem: string, syntax: string): CommandFailure =>
  new CommandFailure(exitCodes.usage, `--cell: ${problem} Write ${syntax}.`);

function readCondition(written: string, syntax: string): Condition {
  const [, field, operator, rest] = /^([A-Za-z][\w.-]*)\s*(!=|>=|<=|=|>|<|~)\s*(.*)$/s.exec(written) ?? [];
  if (field === undefined || operator === undefined || rest === undefined) {
    throw refuseFilter(`"${written}" is not a condition.`, syntax);
  }
  const values = split(rest, '|', syntax).map((part) => readValue(part.trim(), written, syntax));
  return { field, operator: operator as Operator, values, written };
}

function readValue(part: string, written: string, syntax: string): Value {
  if (part === '') throw refuseFilter(`"${written}" has no value.`, syntax);
  if (!part.startsWith('"')) return { text: part, quoted: false };
  try {
    return { text: String(JSON.parse(part)), quoted: true };
  } catch {
    throw refuseFilter(`${part} is not a quoted value.`, syntax);
  }
}

/** Splits at a separator that is not within double quotes. */
function split(text: string, separator: string, syntax: string): string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (quoted && character === '\\') part += character + text.charAt(++at);
    else if (character === separator && !quoted) {
      parts.push(part);
      part = '';
    } else {
      if (character === '"') quoted = !quoted;
      part += character;
    }
  }
  if (quoted) throw refuseFilter(`a quote in ${text} is not closed.`, syntax);
  return [...parts, part];
}
