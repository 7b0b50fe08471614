import { ConfigError } from '../platform/config/config.ts';
import { denied, rejected } from '../platform/errors.ts';
import { looksInternal, verifyIdentity } from '../platform/http/identity-token.ts';
import { hasScope, type Identity, scopes } from '../platform/identity.ts';
import { type FindApiKey, readApiKeys } from './api-keys.ts';
import { createJwtVerifier, type VerifyJwt } from './json-web-tokens.ts';

/** How callers are known; see the settings of the same names. */
export interface AuthenticationOptions {
  /** API keys, as `TRIBUTARY_API_KEYS` has them; null for none. */
  readonly apiKeys: string | null;
  readonly jwksUrl: string | null;
  readonly jwtIssuer: string | null;
  readonly jwtAudience: string;
  readonly jwtTenantClaim: string;
}

/** What a caller shows: the headers of a request, or the parameters of a WebSocket. */
export interface Credentials {
  /** `Bearer` and an API key or a token. */
  readonly authorization: string | null;
  /** The tenant that a caller with the scope `admin` wants to act for. */
  readonly tenant: string | null;
}

export interface Authenticator {
  /** Whether whoever comes is let in, as the tenant `default` with every scope: nothing is configured. */
  readonly open: boolean;
  /**
   * Who asks; null where nothing was shown and access is not open.
   *
   * @throws TributaryError `DENIED` when what was shown is wrong.
   */
  authenticate(credentials: Credentials): Promise<Identity | null>;
}

/** The header, and the parameter of a WebSocket, by which an administrator acts for another tenant. */
export const tenantHeader = 'tributary-tenant';

const anyone: Identity = Object.freeze({ tenant: 'default', subject: 'anyone', scopes });

/** A caller who may act for any tenant, acting for this one. */
function actingFor(identity: Identity, tenant: string): Identity {
  if (!/^[a-z0-9_-]{1,64}$/.test(tenant)) {
    throw rejected(
      'INVALID_TENANT',
      `The header ${tenantHeader} must have 1 to 64 characters of a-z, 0-9, _ and -.`,
    );
  }
  if (tenant === identity.tenant) return identity;
  if (!hasScope(identity, 'admin')) {
    throw denied(`The header ${tenantHeader} needs the scope admin.`, 'MISSING_SCOPE');
  }
  return { ...identity, tenant };
}

function bearer(authorization: string): string {
  const [scheme, token, ...rest] = authorization.trim().split(/\s+/);
  if (scheme?.toLowerCase() !== 'bearer' || !token || rest.length > 0) {
    throw denied(
      'The header Authorization must be `Bearer`, a space, and an API key or a token.',
      'UNAUTHENTICATED',
    );
  }
  return token;
}

/**
 * Knows callers by API key, by a token of the configured issuer, or by an identity that one of our own services
 * passes on.
 *
 * @throws ConfigError when the settings are wrong.
 */
export function createAuthenticator(options: AuthenticationOptions, secret: string): Authenticator {
  const findKey: FindApiKey | null = options.apiKeys === null ? null : readApiKeys(options.apiKeys);
  const verifyJwt: VerifyJwt | null = jwtOf(options);
  const open = findKey === null && verifyJwt === null;

  async function identify(token: string): Promise<Identity> {
    const known = findKey?.(token);
    if (known) return known;
    if (looksInternal(token)) return verifyIdentity(token, secret);
    if (verifyJwt && token.split('.').length === 3) return verifyJwt(token);
    if (open) {
      throw denied(
        'A key was shown, but none is configured here: leave it out, or set TRIBUTARY_API_KEYS.',
        'UNAUTHENTICATED',
      );
    }
    throw denied('The API key is not known.', 'UNAUTHENTICATED');
  }

  return {
    open,
    async authenticate({ authorization, tenant }) {
      const identity = authorization ? await identify(bearer(authorization)) : open ? anyone : null;
      return identity && tenant ? actingFor(identity, tenant) : identity;
    },
  };
}

function jwtOf(options: AuthenticationOptions): VerifyJwt | null {
  if (options.jwksUrl === null) return null;
  if (options.jwtIssuer === null) {
    throw new ConfigError(
      'TRIBUTARY_JWT_ISSUER: it is not set. It must name the issuer, because TRIBUTARY_JWKS_URL is set.',
    );
  }
  return createJwtVerifier({
    jwksUrl: options.jwksUrl,
    issuer: options.jwtIssuer,
    audience: options.jwtAudience,
    tenantClaim: options.jwtTenantClaim,
  });
}
