import type { Filter } from '../ports/vector-store.ts';
import { pruneByCells } from '../tables/match-cells.ts';
import type { Modality } from '../types.ts';
import { existsTerm, valueTerm } from './metadata-terms.ts';
import { comparedText, noNumber, noText, partitionKey } from './milvus-rows.ts';

const everyModality: readonly Modality[] = ['TEXT', 'IMAGE', 'AUDIO', 'VIDEO', 'TABLE'];

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** A text as a literal of Milvus's expressions. */
export const milvusText = (text: string): string =>
  `"${text.replace(/[\\"\n\r\t]/g, (character) => escapes[character] ?? '')}"`;

const milvusTexts = (texts: readonly string[]): string => `[${texts.map(milvusText).join(', ')}]`;

/** A condition on columns, or one that always or never holds: Milvus has no literal for those. */
type Condition = string | boolean;

const negated = (condition: Condition): Condition =>
  typeof condition === 'boolean' ? !condition : `(not ${condition})`;

function all(conditions: readonly Condition[]): Condition {
  if (conditions.includes(false)) return false;
  const parts = conditions.filter((condition) => typeof condition === 'string');
  return parts.length === 0 ? true : parts.length === 1 ? (parts[0] ?? true) : `(${parts.join(' and ')})`;
}

function any(conditions: readonly Condition[]): Condition {
  if (conditions.includes(true)) return true;
  const parts = conditions.filter((condition) => typeof condition === 'string');
  return parts.length === 0 ? false : parts.length === 1 ? (parts[0] ?? false) : `(${parts.join(' or ')})`;
}

function textIn(column: string, texts: readonly string[]): Condition {
  const known = texts.filter((text) => text !== noText);
  return known.length === 0 ? false : `(${column} in ${milvusTexts(known.map(comparedText))})`;
}

/** From and to in whole numbers, both included; what is not known is below all of them. */
function range(column: string, from: number | null, to: number | null): Condition {
  const least = Math.ceil(from ?? noNumber + 1);
  const most = Math.floor(to ?? Number.MAX_SAFE_INTEGER);
  assertNumber(least);
  assertNumber(most);
  const low = Math.max(least, noNumber + 1);
  const high = Math.min(most, Number.MAX_SAFE_INTEGER);
  return low > high ? false : `(${column} >= ${low} and ${column} <= ${high})`;
}

function assertNumber(value: number): void {
  if (!Number.isFinite(value)) throw new RangeError(`A filter compares with ${value}, which is no number.`);
}

function compile(filter: Filter): Condition {
  switch (filter.kind) {
    case 'and':
      return all(filter.filters.map(compile));
    case 'or':
      return any(filter.filters.map(compile));
    case 'not':
      return negated(compile(filter.filter));
    case 'documentIn':
      return textIn('document_id', filter.documentIds);
    case 'modalityIn':
      return textIn('modality', filter.modalities);
    case 'authorIn':
      return textIn('author', filter.authors);
    case 'sourceIn':
      return textIn('source', filter.sources);
    case 'yearRange':
      return range('year', filter.from, filter.to);
    case 'publishedRange':
      // The end is left out, and instants are whole milliseconds.
      return range(
        'published_at_ms',
        filter.fromMs,
        filter.beforeMs === null ? null : Math.ceil(filter.beforeMs) - 1,
      );
    case 'tagsAll':
      return filter.tags.length === 0
        ? true
        : `array_contains_all(tags, ${milvusTexts(filter.tags.map(comparedText))})`;
    case 'tagsAny':
      return listHasAny('tags', filter.tags);
    case 'containsPii':
      return `(contains_pii == ${filter.value})`;
    case 'metadataIn':
      return listHasAny(
        'metadata_terms',
        filter.values.map((value) => valueTerm(filter.path, value)),
      );
    case 'metadataExists':
      return listHasAny('metadata_terms', [existsTerm(filter.path)]);
    case 'cells':
      return compile(pruneByCells(filter.tests));
    case 'metadataCompare': {
      assertNumber(filter.value);
      const number = `metadata_numbers[${milvusText(filter.path.join('.'))}]`;
      // What is not there must be false and not unknown, so that its opposite is true.
      // With an exponent it is read as a floating-point number, and none is too large.
      return `((exists ${number}) and (${number} ${filter.operator} ${filter.value.toExponential()}))`;
    }
  }
}

const listHasAny = (column: string, texts: readonly string[]): Condition =>
  texts.length === 0 ? false : `array_contains_any(${column}, ${milvusTexts(texts.map(comparedText))})`;

/** The modalities that a filter leaves: at least those of what it matches. */
function modalitiesOf(filter: Filter): readonly Modality[] {
  switch (filter.kind) {
    case 'modalityIn':
      return filter.modalities;
    case 'and':
      return everyModality.filter((modality) =>
        filter.filters.every((each) => modalitiesOf(each).includes(modality)),
      );
    case 'or':
      return everyModality.filter((modality) =>
        filter.filters.some((each) => modalitiesOf(each).includes(modality)),
      );
    default:
      return everyModality;
  }
}

/** Takes out the conditions that the choice of partitions has decided already. */
function withoutModalities(filter: Filter): Filter | null {
  if (filter.kind === 'modalityIn') return null;
  if (filter.kind !== 'and') return filter;
  const filters = filter.filters.map(withoutModalities).filter((each) => each !== null);
  return { kind: 'and', filters };
}

/** What a search of Milvus names. */
export interface MilvusSelection {
  /** The partition keys that are searched; never empty. */
  readonly partitionKeys: readonly string[];
  /** The whole expression, tenant and modalities included. */
  readonly expression: string;
  /** Whether it asks for more than tenant and modality. */
  readonly filtered: boolean;
}

/**
 * Compiles a filter to Milvus's expression language. The tenant is a part of every one: by its partition keys, one
 * for each modality that the filter leaves, which also decide which partitions are looked into.
 *
 * Every leaf is either true or false, whatever a document lacks, so that `not` means what a reader expects: newer
 * servers know a third truth value, older ones do not.
 *
 * @returns null where nothing can match.
 * @throws RangeError on a comparison with NaN or an infinity.
 */
export function compileMilvusFilter(tenant: string, filter: Filter | null): MilvusSelection | null {
  const modalities = filter === null ? everyModality : modalitiesOf(filter);
  const rest = filter === null ? null : withoutModalities(filter);
  const condition = rest === null ? true : compile(rest);
  if (modalities.length === 0 || condition === false) return null;
  const partitionKeys = modalities.map((modality) => partitionKey(tenant, modality));
  const partitions = `partition in ${milvusTexts(partitionKeys)}`;
  return {
    partitionKeys,
    expression: condition === true ? partitions : `${partitions} and ${condition}`,
    filtered: condition !== true,
  };
}
