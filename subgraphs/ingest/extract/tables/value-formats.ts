import type { Cell, CellType } from './types.ts';

/** One way in which values are written. All cells of a column are read in the same way. */
export interface ValueFormat {
  readonly name: string;
  readonly type: CellType;
  /** @returns null where the text is not written so. */
  parse(text: string): Cell['value'] | null;
}

const unsigned = {
  /** `1,234.5`, `1 234.5`, `1234.5` */
  point: String.raw`(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?:[ '\u2019\u00a0\u202f]\d{3})+|\d+)(?:\.\d+)?|\.\d+`,
  /** `1.234,5`, `1 234,5`, `1234,5` */
  comma: String.raw`(?:\d{1,3}(?:\.\d{3})+|\d{1,3}(?:[ '\u2019\u00a0\u202f]\d{3})+|\d+)(?:,\d+)?`,
} as const;
type DecimalMark = keyof typeof unsigned;

const currencies = String.raw`[$€£¥₹₽₩₺₫₴]|US\$|[A-Z]{3}|kr|zł|Kč|Fr\.`;

const plain = {
  point: new RegExp(String.raw`^[-+\u2212]?(?:${unsigned.point})(?:[eE][-+]?\d{1,3})?$`),
  comma: new RegExp(String.raw`^[-+\u2212]?(?:${unsigned.comma})$`),
};
const percent = {
  point: new RegExp(String.raw`^[-+\u2212]?(?:${unsigned.point})\s?%$`),
  comma: new RegExp(String.raw`^[-+\u2212]?(?:${unsigned.comma})\s?%$`),
};
const currency = {
  point: amount('point'),
  comma: amount('comma'),
};

function amount(mark: DecimalMark): RegExp {
  const before = String.raw`[-+\u2212]?(?:${currencies})\s?[-+\u2212]?(?:${unsigned[mark]})`;
  const behind = String.raw`[-+\u2212]?(?:${unsigned[mark]})\s?(?:${currencies})`;
  return new RegExp(String.raw`^(?:${before}|${behind}|\((?:${before}|${behind})\))$`);
}

/** The number that is written so; null where it has more digits than a number can hold, or is a key with zeros before it. */
function numberOf(text: string, mark: DecimalMark): number | null {
  const negative = /[-\u2212]/.test(text.replace(/e-/i, '')) || text.startsWith('(');
  const bare = text.replace(/[^\d.,eE]/g, '').replace(/(?<!\d)[eE]|[eE](?![-+\d])/g, '');
  const digits = mark === 'point' ? bare.replaceAll(',', '') : bare.replaceAll('.', '').replace(',', '.');
  const exponent = /[eE]-/.test(text) ? digits.replace(/e/i, 'e-') : digits;
  if (/^0\d/.test(digits) || digits.replace(/\D/g, '').length > 15) return null;
  const value = Number(exponent);
  if (!Number.isFinite(value)) return null;
  return negative ? -value : value;
}

const numbers = (mark: DecimalMark): ValueFormat[] => [
  {
    name: `number with a ${mark}`,
    type: 'number',
    parse: (text) => (plain[mark].test(text) ? numberOf(text, mark) : null),
  },
  {
    name: `percentage with a ${mark}`,
    type: 'percent',
    parse(text) {
      const value = percent[mark].test(text) ? numberOf(text, mark) : null;
      return value === null ? null : Number((value / 100).toPrecision(15));
    },
  },
  {
    name: `currency with a ${mark}`,
    type: 'currency',
    parse(text) {
      if (!currency[mark].test(text)) return null;
      // A currency's own letters are no exponent.
      return numberOf(text.replace(new RegExp(currencies, 'g'), ''), mark);
    },
  },
];

const truth: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['yes', true],
  ['no', false],
]);

/** A day that there is, as `2026-11-23`. */
export function day(year: number, month: number, date: number): string | null {
  const at = new Date(Date.UTC(year, month - 1, date));
  if (year < 1000 || at.getUTCMonth() !== month - 1 || at.getUTCDate() !== date) return null;
  return at.toISOString().slice(0, 10);
}

const dates = (
  name: string,
  pattern: RegExp,
  order: readonly [year: number, month: number, date: number],
): ValueFormat => ({
  name,
  type: 'date',
  parse(text) {
    const parts = pattern.exec(text);
    if (parts === null) return null;
    const [year = 0, month = 0, date = 0] = order.map((group) => Number(parts[group]));
    return day(year, month, date);
  },
});

const dateTime =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?\s?(Z|[+-]\d{2}:?\d{2})?$/;

/** `2026-11-23T02:55:42`, in UTC where the text names its zone, else as it stands there. */
export function dateTimeOf(text: string): string | null {
  const parts = dateTime.exec(text);
  if (parts === null) return null;
  const [, year, month, date, hours, minutes, seconds = '00', fraction = '', zone = 'Z'] = parts;
  if (day(Number(year), Number(month), Number(date)) === null) return null;
  const offset = zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const milliseconds = fraction === '' ? '' : fraction.slice(0, 4).padEnd(4, '0');
  const at = new Date(`${year}-${month}-${date}T${hours}:${minutes}:${seconds}${milliseconds}${offset}`);
  if (Number.isNaN(at.getTime())) return null;
  return at
    .toISOString()
    .slice(0, 23)
    .replace(/\.000$/, '');
}

/** A date or a date and time as ISO 8601 writes them; null for other text. */
export const isoOf = (text: string): { readonly value: string; readonly type: CellType } | null => {
  const date = isoDay.parse(text);
  if (typeof date === 'string') return { value: date, type: 'date' };
  const instant = text.length < 40 ? dateTimeOf(text) : null;
  return instant === null ? null : { value: instant, type: 'date and time' };
};

const isoDay = dates('year-month-day', /^(\d{4})-(\d{1,2})-(\d{1,2})$/, [1, 2, 3]);

/** Day and month are told apart by the whole column: where both readings are possible, it stays text. */
export const ambiguous: readonly string[] = ['day/month/year', 'month/day/year'];

/** All ways of writing values that are known. Of several that read all of a column, the first one is taken. */
export const valueFormats: readonly ValueFormat[] = [
  ...numbers('point'),
  ...numbers('comma'),
  { name: 'boolean', type: 'boolean', parse: (text) => truth.get(text.toLowerCase()) ?? null },
  isoDay,
  dates('year/month/day', /^(\d{4})\/(\d{1,2})\/(\d{1,2})$/, [1, 2, 3]),
  dates('day.month.year', /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/, [3, 2, 1]),
  dates('day/month/year', /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/, [3, 2, 1]),
  dates('month/day/year', /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/, [3, 1, 2]),
  {
    name: 'date and time',
    type: 'date and time',
    parse: (text) => (text.length < 40 ? dateTimeOf(text) : null),
  },
];

/** Whether a text is written like anything but text, whatever the rest of its column is. */
export const isTyped = (text: string): boolean =>
  valueFormats.some((format) => format.type !== 'boolean' && format.parse(text) !== null);
