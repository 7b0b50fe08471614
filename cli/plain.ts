/**
 * A value as `--json` prints it: `__typename` is called `type`, and the region of a picture `box`, as in the
 * contract (a query must rename it, since a page's may be missing).
 */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const isImageRegion = '__typename' in value && value.__typename === 'ImageRegion';
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key === '__typename' ? 'type' : isImageRegion && key === 'region' ? 'box' : key,
      plain(inner),
    ]),
  );
}
