import { rejected } from '../errors.ts';

const segment = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/;
const maxLength = 900;

/**
 * Refuses what is not a blob's key: segments of letters, digits, `-`, `_` and `.`, joined by `/`, none of them
 * empty or beginning with a dot. So a key can never name anything outside of its store.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `BLOB_KEY`.
 */
export function checkBlobKey(key: string): void {
  if (key.length <= maxLength && key.split('/').every((part) => segment.test(part))) return;
  throw rejected(
    'BLOB_KEY',
    `${JSON.stringify(key.slice(0, 100))} is not a blob's key: it takes segments of at most 200 letters, digits, ` +
      '"-", "_" and "." (not at the start), joined by "/".',
  );
}

/** Refuses what cannot be the beginning of a key. @throws TributaryError `REJECTED_INPUT` with reason `BLOB_KEY`. */
export function checkBlobPrefix(prefix: string): void {
  if (prefix === '') return;
  // Any beginning of a key is a key, once a last segment that is still empty has a letter.
  checkBlobKey(prefix.endsWith('/') ? `${prefix}a` : prefix);
}
