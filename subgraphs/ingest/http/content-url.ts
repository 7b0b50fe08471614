import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../platform/ports/clock.ts';

const lifetimeMs = 15 * 60 * 1000;

/** Makes and checks addresses of original bytes that can be used by whoever has them, for a short time. */
export interface ContentUrls {
  /** The address of a version's bytes, relative to the server's origin. */
  make(content: { readonly tenant: string; readonly documentId: string; readonly version: number }): string;
  /** What an address stands for; null where it was not made here, was changed, or has expired. */
  check(
    documentId: string,
    parameters: URLSearchParams,
  ): { readonly tenant: string; readonly version: number } | null;
  /** The address of the small picture that shows a passage; the same for a while, so that browsers keep it. */
  makePreview(shown: { readonly tenant: string; readonly chunkId: string }): string;
  /** As `check`. */
  checkPreview(chunkId: string, parameters: URLSearchParams): { readonly tenant: string } | null;
}

export function createContentUrls(secret: string, clock: Clock): ContentUrls {
  const sign = (...parts: readonly (string | number)[]) =>
    createHmac('sha256', secret).update(JSON.stringify(parts)).digest('base64url');
  /** Whether a signature is right, and not expired. */
  const holds = (signature: string | null, expires: number, ...parts: readonly (string | number)[]) => {
    const given = Buffer.from(signature ?? '');
    const right = Buffer.from(sign(...parts, expires));
    return given.length === right.length && timingSafeEqual(given, right) && expires > clock.now();
  };
  return {
    make({ tenant, documentId, version }) {
      const expires = clock.now() + lifetimeMs;
      const signature = sign('content', tenant, documentId, version, expires);
      const parameters = new URLSearchParams({
        tenant,
        version: `${version}`,
        expires: `${expires}`,
        signature,
      });
      return `/v1/documents/${documentId}/content?${parameters}`;
    },
    check(documentId, parameters) {
      const tenant = parameters.get('tenant') ?? '';
      const version = Number(parameters.get('version'));
      const expires = Number(parameters.get('expires'));
      const isRight = holds(parameters.get('signature'), expires, 'content', tenant, documentId, version);
      return isRight ? { tenant, version } : null;
    },
    makePreview({ tenant, chunkId }) {
      const expires = (Math.floor(clock.now() / lifetimeMs) + 2) * lifetimeMs;
      const signature = sign('preview', tenant, chunkId, expires);
      return `/v1/chunks/${chunkId}/preview?${new URLSearchParams({ tenant, expires: `${expires}`, signature })}`;
    },
    checkPreview(chunkId, parameters) {
      const tenant = parameters.get('tenant') ?? '';
      const expires = Number(parameters.get('expires'));
      return holds(parameters.get('signature'), expires, 'preview', tenant, chunkId) ? { tenant } : null;
    },
  };
}
