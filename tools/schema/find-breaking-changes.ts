import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';
import { z } from 'zod';

/** One breaking change, as `schema/breaking-changes.json` declares it. */
export const DeclaredChange = z.strictObject({
  /** The kind of change, such as `FIELD_REMOVED`. */
  type: z.string().min(1),
  /** What was changed, such as `Document.author`. */
  path: z.string().min(1),
  /** Why it was necessary, and what clients are to do. */
  reason: z.string().min(1),
});
export type DeclaredChange = z.infer<typeof DeclaredChange>;

/** One breaking change that was found. */
export interface BreakingChange {
  readonly type: string;
  readonly path: string;
  readonly message: string;
}

/**
 * The changes from one public schema to another that break a client and are not declared.
 *
 * @param before the public SDL that clients know
 * @param after the public SDL as it is now
 */
export async function findBreakingChanges(
  before: string,
  after: string,
  declared: readonly DeclaredChange[],
): Promise<BreakingChange[]> {
  const changes = await diff(buildSchema(before), buildSchema(after));
  return changes
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map(({ type, path, message }) => ({ type, path: path ?? '', message }))
    .filter((found) => !declared.some(({ type, path }) => type === found.type && path === found.path));
}
