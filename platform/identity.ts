/** What a caller may do. `admin` implies the others and allows tenants to be created and removed. */
export const scopes = [
  'documents:read',
  'documents:write',
  'answers:read',
  'answers:write',
  'admin',
] as const;
export type Scope = (typeof scopes)[number];

/** Who asks. It is made at the gateway, and nowhere else, and passed on signed. */
export interface Identity {
  /** The tenant whose data is seen; 1 to 64 characters of `[a-z0-9_-]`. */
  readonly tenant: string;
  /** The caller within the tenant: a key's name, or a token's `sub`. */
  readonly subject: string;
  readonly scopes: readonly Scope[];
}

/** Whether the caller has the scope, by itself or through `admin`. */
export const hasScope = (identity: Identity, scope: Scope): boolean =>
  identity.scopes.includes(scope) || identity.scopes.includes('admin');
