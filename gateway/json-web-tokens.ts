import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { denied, upstream } from '../platform/errors.ts';
import { type Identity, type Scope, scopes } from '../platform/identity.ts';

export interface JwtOptions {
  /** Where the public keys are. */
  readonly jwksUrl: string;
  /** The issuer that tokens must name. */
  readonly issuer: string;
  /** The audience that tokens must name. */
  readonly audience: string;
  /** The claim that names the tenant. */
  readonly tenantClaim: string;
}

/** Reads who a token speaks for. @throws TributaryError `DENIED` or, when the keys cannot be had, `UPSTREAM`. */
export type VerifyJwt = (token: string) => Promise<Identity>;

const tenantForm = /^[a-z0-9_-]{1,64}$/;
const known: ReadonlySet<string> = new Set(scopes);
const isScope = (text: string): text is Scope => known.has(text);
const claims = z.object({
  sub: z.string().min(1),
  scope: z.union([z.string(), z.array(z.string())]).optional(),
});

/** Asymmetric algorithms only: a public key must never pass for a shared secret. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/**
 * Verifies JSON Web Tokens against the issuer's published keys: signature, issuer, audience and expiry. The tenant
 * is in the claim that is configured; scopes are in `scope`, as text separated by spaces or as a list, and those
 * that are not ours are passed over.
 */
export function createJwtVerifier(options: JwtOptions): VerifyJwt {
  const keys = createRemoteJWKSet(new URL(options.jwksUrl), { timeoutDuration: 5000 });
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: options.issuer,
        audience: options.audience,
        algorithms,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: 5,
      });
      const { sub, scope = [] } = claims.parse(payload);
      const tenant = payload[options.tenantClaim];
      if (typeof tenant !== 'string' || !tenantForm.test(tenant)) {
        throw denied(
          `The token’s claim "${options.tenantClaim}" must name the tenant, in 1 to 64 characters of a-z, 0-9, _ and -.`,
          'UNAUTHENTICATED',
        );
      }
      const granted = typeof scope === 'string' ? scope.split(' ') : scope;
      return { tenant, subject: sub, scopes: granted.filter(isScope) };
    } catch (error) {
      throw explain(error, options);
    }
  };
}

function explain(error: unknown, { issuer, audience }: JwtOptions): unknown {
  if (error instanceof errors.JWTExpired)
    return denied('The token has expired; get a new one.', 'UNAUTHENTICATED');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return denied(
      `The token’s claim "${error.claim}" is not what is asked for: the issuer must be ${issuer}, the audience ${audience}, and "sub" must be there.`,
      'UNAUTHENTICATED',
    );
  }
  const unreachable =
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC') ||
    error instanceof TypeError;
  if (unreachable)
    return upstream('jwks', 'The keys that tokens are verified with cannot be had at present.', error);
  if (error instanceof errors.JOSEError || error instanceof z.ZodError) {
    return denied(
      'The token is not one that the issuer signed, or not in the form that is asked for.',
      'UNAUTHENTICATED',
    );
  }
  return error;
}
