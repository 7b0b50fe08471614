import { denied } from '../../../platform/errors.ts';
import { hasScope, type Identity, type Scope } from '../../../platform/identity.ts';

/** @throws TributaryError `DENIED` where the caller has not the scope. */
export function requireScope(identity: Identity, scope: Scope): void {
  if (!hasScope(identity, scope)) throw denied(`This needs the scope ${scope}.`, 'MISSING_SCOPE');
}
