import type { Scalar } from '../ports/vector-store.ts';

/**
 * A document's own fields, flattened so that a store without a JSON type can filter by any path of them.
 *
 * `terms` answers equality and existence: every path that is there as `path?`, and every string, number or
 * boolean as `path=value`, the value in JSON. `numbers` answers comparisons: `|path=value|path=value|`.
 */
export interface MetadataTerms {
  readonly terms: readonly string[];
  readonly numbers: string;
}

/** As the contract's path syntax has them, and with `$` before it the program's own. */
const addressableKey = /^\$?[\p{L}\p{N}_-]+$/u;

/** The term of a path that is there, whatever its value. */
export const existsTerm = (path: readonly string[]): string => `${path.join('.')}?`;

/** The term of a path with this value. Values of different types never match: `1` is not `"1"`. */
export const valueTerm = (path: readonly string[], value: Scalar): string =>
  `${path.join('.')}=${JSON.stringify(value)}`;

/** What stands before a path's number in `numbers`; it ends at the next `|`. */
export const numberPrefix = (path: readonly string[]): string => `|${path.join('.')}=`;

/**
 * Flattens an uploader's own fields. Lists have no paths into them: a list exists and equals nothing. Keys
 * that the contract's path syntax cannot name (with a dot in them, say) are left out.
 */
export function metadataTerms(metadata: Readonly<Record<string, unknown>>): MetadataTerms {
  const terms: string[] = [];
  const numbers: string[] = [];
  const visit = (fields: Readonly<Record<string, unknown>>, parents: readonly string[]): void => {
    for (const [key, value] of Object.entries(fields)) {
      if (!addressableKey.test(key)) continue;
      const path = [...parents, key];
      terms.push(existsTerm(path));
      if (typeof value === 'number') numbers.push(numberPrefix(path).slice(1) + JSON.stringify(value));
      if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
        terms.push(valueTerm(path, value));
      } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        visit(value as Readonly<Record<string, unknown>>, path);
      }
    }
  };
  visit(metadata, []);
  return { terms, numbers: numbers.length === 0 ? '' : `|${numbers.join('|')}|` };
}
