import { type Condition, type Operator, readConditions, refuseFilter, type Value } from './conditions.ts';
import type { MetadataCondition, SearchFilter } from './operations.generated.ts';

/** How a filter is written; shown with every refusal of one, and in the help. */
export const searchFilterSyntax =
  'Write conditions joined by commas: year>=2020, author=Jane, tag=pump (repeated: all of them; tag=a|b: one of them), source=…, document=ID, published>=2020-01-31, pii=false, metadata.project.phase=2; operators are = != > >= < <=, a value with a comma goes in "quotes"; or give the SearchFilter of the API as JSON.';

/**
 * Reads the value of `--filter` of `search` and `ask`.
 *
 * @throws CommandFailure (usage) that teaches the syntax.
 */
export function readSearchFilter(text: string): SearchFilter {
  if (text.trim().startsWith('{')) return readJson(text);
  const all: SearchFilter[] = [];
  for (const condition of readConditions(text, searchFilterSyntax)) {
    const positive = { ...condition, operator: condition.operator === '!=' ? '=' : condition.operator };
    const filter = readOne(positive);
    all.push(condition.operator === '!=' ? { not: filter } : filter);
  }
  const [only, ...others] = all;
  return only !== undefined && others.length === 0 ? only : { and: all };
}

function readJson(text: string): SearchFilter {
  try {
    return JSON.parse(text) as SearchFilter;
  } catch (error) {
    throw refuseFilter(
      `this is not JSON (${error instanceof Error ? error.message : 'unreadable'}).`,
      searchFilterSyntax,
    );
  }
}

function readOne(condition: Condition): SearchFilter {
  const { field, values, operator } = condition;
  const texts = values.map(({ text }) => text);
  switch (field) {
    case 'year':
      return readYear(condition);
    case 'author':
      return only('=', condition, { authors: texts });
    case 'tag':
      return only('=', condition, texts.length === 1 ? { tagsAll: texts } : { tagsAny: texts });
    case 'source':
      return only('=', condition, { sources: texts });
    case 'document':
      return only('=', condition, { documentIds: texts });
    case 'published':
      return readPublished(condition);
    case 'pii': {
      const [value] = texts;
      if (texts.length !== 1 || (value !== 'true' && value !== 'false')) {
        throw refuseFilter(`"${condition.written}": pii is true or false.`, searchFilterSyntax);
      }
      return only('=', condition, { containsPii: value === 'true' });
    }
    default:
      if (!field.startsWith('metadata.') || field === 'metadata.' || operator === '~') {
        throw refuseFilter(
          `"${condition.written}": there is no field "${field}" to filter by.`,
          searchFilterSyntax,
        );
      }
      return { metadata: [readMetadata(field.slice('metadata.'.length), condition)] };
  }
}

function only(operator: Operator, condition: Condition, filter: SearchFilter): SearchFilter {
  if (condition.operator === operator) return filter;
  throw refuseFilter(
    `"${condition.written}": ${condition.field} can only be compared by = and !=.`,
    searchFilterSyntax,
  );
}

function readYear(condition: Condition): SearchFilter {
  const years = condition.values.map(({ text }) => {
    if (!/^-?\d{1,6}$/.test(text)) {
      throw refuseFilter(`"${condition.written}": a year is a whole number.`, searchFilterSyntax);
    }
    return Number(text);
  });
  const [year = 0, ...others] = years;
  if (condition.operator === '=') {
    if (others.length === 0) return { year: { from: year, to: year } };
    return { or: years.map((one) => ({ year: { from: one, to: one } })) };
  }
  if (others.length > 0)
    throw refuseFilter(`"${condition.written}" compares with one year.`, searchFilterSyntax);
  switch (condition.operator) {
    case '>=':
      return { year: { from: year } };
    case '>':
      return { year: { from: year + 1 } };
    case '<=':
      return { year: { to: year } };
    case '<':
      return { year: { to: year - 1 } };
    default:
      throw refuseFilter(`"${condition.written}": a year cannot be compared by ~.`, searchFilterSyntax);
  }
}

function readPublished({ written, operator, values }: Condition): SearchFilter {
  const [value, ...others] = values;
  const instant = new Date(value?.text ?? '');
  if (others.length > 0 || Number.isNaN(instant.getTime())) {
    throw refuseFilter(
      `"${written}": give one date or instant, such as 2020-01-31 or 2020-01-31T08:00:00Z.`,
      searchFilterSyntax,
    );
  }
  if (operator === '>=') return { publishedAt: { from: instant.toISOString() } };
  if (operator === '<') return { publishedAt: { before: instant.toISOString() } };
  throw refuseFilter(`"${written}": published can be compared by >= and <.`, searchFilterSyntax);
}

function readMetadata(path: string, { written, operator, values }: Condition): MetadataCondition {
  const read = values.map(readScalar);
  const [value, ...others] = read;
  if (operator === '=') return others.length === 0 ? { path, equals: value } : { path, in: read };
  if (typeof value !== 'number' || others.length > 0) {
    throw refuseFilter(`"${written}" compares with one number.`, searchFilterSyntax);
  }
  switch (operator) {
    case '>':
      return { path, greaterThan: value };
    case '>=':
      return { path, atLeast: value };
    case '<':
      return { path, lessThan: value };
    default:
      return { path, atMost: value };
  }
}

/** A number or boolean where it is written as one, else text. */
function readScalar({ text, quoted }: Value): string | number | boolean {
  if (quoted) return text;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
