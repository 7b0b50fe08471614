import { rejected } from '../../platform/errors.ts';
import { isId } from '../../platform/ids.ts';
import type { Filter, Scalar } from '../../platform/ports/vector-store.ts';
import { compileCells } from './compile-cells.ts';
import type { DateTimeRange, IntRange, MetadataCondition, SearchFilter } from './schema.generated.ts';

const maxDepth = 8;
const maxConditions = 200;
const maxListLength = 1_000;
const maxTextLength = 1_000;
const pathSyntax = /^[\p{L}\p{N}_-]{1,128}(\.[\p{L}\p{N}_-]{1,128}){0,15}$/u;
const instantSyntax = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

const wrong = (reason: string, field: string, message: string) => rejected(reason, message, { field });

/** A list that is given has something in it; a filter by nothing is most likely a slip. */
function listOf(field: string, list: readonly string[]): readonly string[] {
  if (list.length === 0) {
    throw wrong('EMPTY_LIST', field, `\`${field}\` is an empty list. Name at least one, or leave it out.`);
  }
  if (list.length > maxListLength) {
    throw wrong(
      'LIST_TOO_LONG',
      field,
      `\`${field}\` names ${list.length}; at most ${maxListLength} are allowed.`,
    );
  }
  const long = list.find((text) => text.length > maxTextLength);
  if (long !== undefined) {
    throw wrong(
      'TEXT_TOO_LONG',
      field,
      `\`${field}\` has a text of ${long.length} characters; at most ${maxTextLength} are allowed.`,
    );
  }
  return list;
}

function documentIds(field: string, list: readonly string[]): readonly string[] {
  const stranger = listOf(field, list).find((id) => !isId('doc', id));
  if (stranger === undefined) return list;
  throw wrong(
    'BAD_ID',
    field,
    `\`${field}\` has ${JSON.stringify(stranger.slice(0, 60))}, which is not the id of a document. Ids of documents begin with \`doc_\`.`,
  );
}

function yearRange(field: string, range: IntRange): Filter {
  const from = range.from ?? null;
  const to = range.to ?? null;
  if (from === null && to === null) {
    throw wrong('EMPTY_RANGE', field, `\`${field}\` needs \`from\`, \`to\` or both.`);
  }
  if (from !== null && to !== null && from > to) {
    throw wrong(
      'EMPTY_RANGE',
      field,
      `\`${field}\` is from ${from} to ${to}: nothing is in it. Exchange the two.`,
    );
  }
  return { kind: 'yearRange', from, to };
}

function instant(field: string, text: string): number {
  const at = instantSyntax.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw wrong(
    'BAD_DATE_TIME',
    field,
    `\`${field}\` is ${JSON.stringify(text.slice(0, 60))}, which is not an instant. Write it as \`2026-11-23T02:55:42.000Z\`.`,
  );
}

function publishedRange(field: string, range: DateTimeRange): Filter {
  const fromMs = typeof range.from === 'string' ? instant(`${field}.from`, range.from) : null;
  const beforeMs = typeof range.before === 'string' ? instant(`${field}.before`, range.before) : null;
  if (fromMs === null && beforeMs === null) {
    throw wrong('EMPTY_RANGE', field, `\`${field}\` needs \`from\`, \`before\` or both.`);
  }
  if (fromMs !== null && beforeMs !== null && fromMs >= beforeMs) {
    throw wrong(
      'EMPTY_RANGE',
      field,
      `\`${field}\` ends before it begins: nothing is in it. Exchange the two.`,
    );
  }
  return { kind: 'publishedRange', fromMs, beforeMs };
}

function scalar(field: string, value: unknown): Scalar {
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value;
  if (typeof value === 'string' && value.length <= maxTextLength) return value;
  throw wrong(
    'BAD_METADATA_VALUE',
    field,
    `\`${field}\` must be a text of at most ${maxTextLength} characters, a number, or true or false.`,
  );
}

function metadata(field: string, condition: MetadataCondition): Filter {
  if (!pathSyntax.test(condition.path)) {
    throw wrong(
      'BAD_METADATA_PATH',
      `${field}.path`,
      `${JSON.stringify(condition.path.slice(0, 60))} is not a metadata path. A path is keys joined by dots, such as \`project.phase\`; a key is made of letters, digits, \`_\` and \`-\`.`,
    );
  }
  const path = condition.path.split('.');
  const filters: Filter[] = [];
  if (condition.equals !== null && condition.equals !== undefined) {
    filters.push({ kind: 'metadataIn', path, values: [scalar(`${field}.equals`, condition.equals)] });
  }
  if (condition.in !== null && condition.in !== undefined) {
    const given = condition.in;
    if (given.length === 0 || given.length > maxListLength) {
      throw wrong(
        'BAD_METADATA_VALUE',
        `${field}.in`,
        `\`${field}.in\` must name 1 to ${maxListLength} values.`,
      );
    }
    filters.push({ kind: 'metadataIn', path, values: given.map((value) => scalar(`${field}.in`, value)) });
  }
  const comparisons = [
    ['>', condition.greaterThan],
    ['>=', condition.atLeast],
    ['<', condition.lessThan],
    ['<=', condition.atMost],
  ] as const;
  for (const [operator, value] of comparisons) {
    if (typeof value === 'number') filters.push({ kind: 'metadataCompare', path, operator, value });
  }
  if (condition.exists === false) {
    if (filters.length > 0) {
      throw wrong(
        'CONTRADICTION',
        field,
        `\`${field}\` asks that \`${condition.path}\` is not there and also that it has a value. Leave one of them out.`,
      );
    }
    return { kind: 'not', filter: { kind: 'metadataExists', path } };
  }
  if (condition.exists === true) filters.push({ kind: 'metadataExists', path });
  if (filters.length === 0) {
    throw wrong(
      'NO_OPERATOR',
      field,
      `\`${field}\` names the path \`${condition.path}\` and says nothing of it. Add one of \`equals\`, \`in\`, \`greaterThan\`, \`atLeast\`, \`lessThan\`, \`atMost\` and \`exists\`.`,
    );
  }
  return all(filters);
}

const all = (filters: readonly Filter[]): Filter => {
  const [only] = filters;
  return only !== undefined && filters.length === 1 ? only : { kind: 'and', filters };
};

/**
 * Checks a filter of the contract and compiles it to the typed one.
 *
 * @returns null where it does not restrict.
 * @throws TributaryError `REJECTED_INPUT` that names the field, what was wrong, and what is allowed.
 */
export function compileFilter(input: SearchFilter | null | undefined): Filter | null {
  let conditions = 0;

  /** @param always whether it must hold whatever else does: not within `or` and `not`. */
  function compile(filter: SearchFilter, field: string, depth: number, always: boolean): Filter {
    if (depth > maxDepth) {
      throw wrong('FILTER_TOO_DEEP', field, `A filter is nested at most ${maxDepth} levels deep.`);
    }
    const filters: Filter[] = [];
    const { year, publishedAt, containsPii } = filter;
    if (filter.documentIds) {
      filters.push({
        kind: 'documentIn',
        documentIds: documentIds(`${field}.documentIds`, filter.documentIds),
      });
    }
    if (year) filters.push(yearRange(`${field}.year`, year));
    if (filter.authors) {
      filters.push({ kind: 'authorIn', authors: listOf(`${field}.authors`, filter.authors) });
    }
    if (filter.tagsAll) filters.push({ kind: 'tagsAll', tags: listOf(`${field}.tagsAll`, filter.tagsAll) });
    if (filter.tagsAny) filters.push({ kind: 'tagsAny', tags: listOf(`${field}.tagsAny`, filter.tagsAny) });
    if (publishedAt) filters.push(publishedRange(`${field}.publishedAt`, publishedAt));
    if (filter.sources) {
      filters.push({ kind: 'sourceIn', sources: listOf(`${field}.sources`, filter.sources) });
    }
    if (typeof containsPii === 'boolean') filters.push({ kind: 'containsPii', value: containsPii });
    filter.metadata?.forEach((condition, index) => {
      filters.push(metadata(`${field}.metadata[${index}]`, condition));
    });
    if (filter.cells) filters.push(compileCells(`${field}.cells`, filter.cells, always));
    filter.and?.forEach((each, index) => {
      filters.push(compile(each, `${field}.and[${index}]`, depth + 1, always));
    });
    if (filter.or) {
      if (filter.or.length === 0) {
        throw wrong(
          'EMPTY_LIST',
          `${field}.or`,
          `\`${field}.or\` is an empty list. Name at least one, or leave it out.`,
        );
      }
      filters.push({
        kind: 'or',
        filters: filter.or.map((each, index) => compile(each, `${field}.or[${index}]`, depth + 1, false)),
      });
    }
    if (filter.not) {
      filters.push({ kind: 'not', filter: compile(filter.not, `${field}.not`, depth + 1, false) });
    }
    conditions += filters.length;
    if (conditions > maxConditions) {
      throw wrong('FILTER_TOO_LARGE', field, `A filter has at most ${maxConditions} conditions.`);
    }
    if (filters.length === 0 && depth > 1) {
      throw wrong('EMPTY_CONDITION', field, `\`${field}\` says nothing. Add a condition, or leave it out.`);
    }
    return all(filters);
  }

  if (input === null || input === undefined) return null;
  const filter = compile(input, 'filter', 1, true);
  return filter.kind === 'and' && filter.filters.length === 0 ? null : filter;
}
