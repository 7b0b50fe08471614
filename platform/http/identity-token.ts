import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { denied } from '../errors.ts';
import { type Identity, scopes } from '../identity.ts';

const issuer = 'tributary-internal';
const audience = 'tributary-internal';

/** The header (and the connection parameter of a WebSocket) that carries the token between services. */
export const identityHeader = 'tributary-identity';

/** The least length of a secret that tokens may be signed with, in characters. */
const leastSecretLength = 32;

const claims = z.object({
  sub: z.string().min(1),
  tenant: z.string().regex(/^[a-z0-9_-]{1,64}$/),
  scopes: z.array(z.enum(scopes)),
});

/** Keys by secret: making one for every request would cost more than the signature. */
const keys = new Map<string, Uint8Array>();

function keyOf(secret: string): Uint8Array {
  let key = keys.get(secret);
  if (!key) {
    if (secret.length < leastSecretLength) {
      throw new RangeError(
        `The internal secret has ${secret.length} characters; it needs ${leastSecretLength}.`,
      );
    }
    key = new TextEncoder().encode(secret);
    keys.set(secret, key);
  }
  return key;
}

/**
 * Signs who asks, for the services behind the gateway: a JSON Web Token by HS256, valid for `lifetimeMs`
 * (five minutes by default).
 *
 * @throws RangeError when the secret has fewer than 32 characters.
 */
export function signIdentity(
  identity: Identity,
  secret: string,
  options: { readonly lifetimeMs?: number } = {},
): Promise<string> {
  const now = Date.now();
  return new SignJWT({ tenant: identity.tenant, scopes: [...identity.scopes] })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(identity.subject)
    .setIssuedAt(Math.floor(now / 1000))
    .setExpirationTime(Math.floor((now + (options.lifetimeMs ?? 300_000)) / 1000))
    .sign(keyOf(secret));
}

/**
 * Reads an identity that `signIdentity` signed with the same secret.
 *
 * @throws TributaryError `DENIED` with reason `IDENTITY_EXPIRED` or `IDENTITY_INVALID`.
 */
export async function verifyIdentity(token: string, secret: string): Promise<Identity> {
  try {
    const { payload } = await jwtVerify(token, keyOf(secret), {
      issuer,
      audience,
      algorithms: ['HS256'],
      requiredClaims: ['exp', 'sub'],
      clockTolerance: 5,
    });
    const { sub, tenant, scopes: granted } = claims.parse(payload);
    return { tenant, subject: sub, scopes: granted };
  } catch (error) {
    if (error instanceof RangeError) throw error;
    if (error instanceof errors.JWTExpired) {
      throw denied('The identity token has expired; ask the gateway again.', 'IDENTITY_EXPIRED');
    }
    throw denied(
      'The identity token is not one of ours: the services must share one TRIBUTARY_INTERNAL_SECRET.',
      'IDENTITY_INVALID',
    );
  }
}

/** Whether a token says of itself that it was made by `signIdentity`; its signature is not looked at. */
export function looksInternal(token: string): boolean {
  const payload = token.split('.')[1];
  if (payload === undefined) return false;
  try {
    const read: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof read === 'object' && read !== null && 'iss' in read && read.iss === issuer;
  } catch {
    return false;
  }
}
