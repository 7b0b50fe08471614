import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../platform/ports/clock.ts';

/** A new key for bytes of a tenant; it holds the time, so that one that no row refers to can be told to be old. */
export const newBlobKey = (tenant: string, clock: Clock): string =>
  `documents/${tenant}/${clock.now().toString(36).padStart(9, '0')}-${randomBytes(12).toString('hex')}`;

/** When a key was made, in milliseconds since the epoch; null where it is none of ours. */
export function blobKeyTime(key: string): number | null {
  const time = /^documents\/[^/]+\/([0-9a-z]{9})-[0-9a-f]{24}$/.exec(key)?.[1];
  return time === undefined ? null : Number.parseInt(time, 36);
}
