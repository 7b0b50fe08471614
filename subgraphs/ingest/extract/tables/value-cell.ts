import { cleanText } from '../clean-text.ts';
import type { Cell } from './types.ts';
import { isoOf } from './value-formats.ts';

/** Numbers that are larger lose digits: they are kept as text. */
const maxExact = BigInt(Number.MAX_SAFE_INTEGER);

/** A value that has its type already, as JSON and Parquet give it, as a cell; null for nothing. */
export function cellOfValue(value: unknown): Cell | null {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? { text: String(value), value, type: 'number' } : null;
    case 'bigint':
      return value <= maxExact && value >= -maxExact
        ? { text: String(value), value: Number(value), type: 'number' }
        : { text: String(value), value: String(value), type: 'text' };
    case 'boolean':
      return { text: String(value), value, type: 'boolean' };
    case 'string': {
      const text = cleanText(value).trim();
      if (text === '') return null;
      const iso = text.length < 40 && /^\d{4}-/.test(text) ? isoOf(text) : null;
      return iso === null ? { text, value: text, type: 'text' } : { text, ...iso };
    }
    default:
      if (value instanceof Date) return ofDate(value);
      return null;
  }
}

function ofDate(date: Date): Cell | null {
  if (Number.isNaN(date.getTime())) return null;
  const text = date.toISOString();
  if (text.endsWith('T00:00:00.000Z')) {
    return { text: text.slice(0, 10), value: text.slice(0, 10), type: 'date' };
  }
  const value = text.slice(0, 23).replace(/\.000$/, '');
  return { text: value, value, type: 'date and time' };
}
