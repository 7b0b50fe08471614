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
}

export function createContentUrls(secret: string, clock: Clock): ContentUrls {
  const sign = (...parts: readonly (string | number)[]) =>
    createHmac('sha256', secret)
      .update(JSON.stringify(['content', ...parts]))
      .digest('base64url');
  return {
    make({ tenant, documentId, version }) {
      const expires = clock.now() + lifetimeMs;
      const signature = sign(tenant, documentId, version, expires);
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
      const given = Buffer.from(parameters.get('signature') ?? '');
      const right = Buffer.from(sign(tenant, documentId, version, expires));
      if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
      return expires > clock.now() ? { tenant, version } : null;
    },
  };
}
