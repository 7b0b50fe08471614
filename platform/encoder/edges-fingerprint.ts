import { createHash } from 'node:crypto';

/** The space of edge-detected copies: the same encoder after another preprocessing is another space. */
export const edgesFingerprint = (fingerprint: string): string =>
  createHash('sha256').update(`${fingerprint} edges`).digest('hex').slice(0, 16);
