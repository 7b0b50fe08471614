import type { Filter } from '../ports/vector-store.ts';
import { pruneByCells } from '../tables/match-cells.ts';
import { existsTerm, numberPrefix, valueTerm } from './metadata-terms.ts';

/** A text as a SQL literal. Only the quote is special in Lance's dialect: backslashes stand for themselves. */
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const sqlTexts = (texts: readonly string[]): string => texts.map(sqlText).join(', ');

function sqlNumber(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`A filter compares with ${value}, which is no number.`);
  return `CAST('${value}' AS DOUBLE)`;
}

const textIn = (column: string, texts: readonly string[]): string =>
  texts.length === 0 ? 'false' : `(${column} IS NOT NULL AND ${column} IN (${sqlTexts(texts)}))`;

function range(column: string, conditions: readonly (string | null)[]): string {
  const parts = [`${column} IS NOT NULL`, ...conditions.filter((condition) => condition !== null)];
  return `(${parts.join(' AND ')})`;
}

function compile(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
      return filter.filters.length === 0 ? 'true' : `(${filter.filters.map(compile).join(' AND ')})`;
    case 'or':
      return filter.filters.length === 0 ? 'false' : `(${filter.filters.map(compile).join(' OR ')})`;
    case 'not':
      return `(NOT ${compile(filter.filter)})`;
    case 'documentIn':
      return textIn('document_id', filter.documentIds);
    case 'modalityIn':
      return textIn('modality', filter.modalities);
    case 'authorIn':
      return textIn('author', filter.authors);
    case 'sourceIn':
      return textIn('source', filter.sources);
    case 'yearRange':
      return range('year', [
        filter.from === null ? null : `year >= ${sqlNumber(filter.from)}`,
        filter.to === null ? null : `year <= ${sqlNumber(filter.to)}`,
      ]);
    case 'publishedRange':
      return range('published_at_ms', [
        filter.fromMs === null ? null : `published_at_ms >= ${sqlNumber(filter.fromMs)}`,
        filter.beforeMs === null ? null : `published_at_ms < ${sqlNumber(filter.beforeMs)}`,
      ]);
    case 'tagsAll':
      return filter.tags.length === 0 ? 'true' : `array_has_all(tags, [${sqlTexts(filter.tags)}])`;
    case 'tagsAny':
      return filter.tags.length === 0 ? 'false' : `array_has_any(tags, [${sqlTexts(filter.tags)}])`;
    case 'containsPii':
      return `(contains_pii = ${filter.value})`;
    case 'metadataIn': {
      const terms = filter.values.map((value) => valueTerm(filter.path, value));
      return terms.length === 0 ? 'false' : `array_has_any(metadata_terms, [${sqlTexts(terms)}])`;
    }
    case 'metadataExists':
      return `array_has_any(metadata_terms, [${sqlText(existsTerm(filter.path))}])`;
    case 'cells':
      return compile(pruneByCells(filter.tests));
    case 'metadataCompare': {
      const after = `split_part(metadata_numbers, ${sqlText(numberPrefix(filter.path))}, 2)`;
      const number = `CAST(NULLIF(split_part(${after}, '|', 1), '') AS DOUBLE)`;
      return `COALESCE(${number} ${filter.operator} ${sqlNumber(filter.value)}, false)`;
    }
  }
}

/**
 * Compiles a filter to the SQL that LanceDB evaluates before it searches. The tenant is a part of every one.
 *
 * SQL knows three truth values, and `NOT NULL` is not true: a document without an author would match
 * neither a condition on it nor that condition's opposite. Every leaf is therefore written so that it is
 * either true or false, and `not` means what a reader expects.
 *
 * @throws RangeError on a comparison with NaN or an infinity.
 */
export const compileLanceDbFilter = (tenant: string, filter: Filter | null): string =>
  filter === null ? `tenant = ${sqlText(tenant)}` : `tenant = ${sqlText(tenant)} AND ${compile(filter)}`;
