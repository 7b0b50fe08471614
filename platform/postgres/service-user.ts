import pg from 'pg';
import { rejected } from '../errors.ts';
import { translatePostgresError } from './pg-errors.ts';

/** The roles that a service may take: one tenant's rows at a time, or the work over all tenants. */
export type ServiceRole = 'tributary_app' | 'tributary_worker';

export interface ServiceUser {
  readonly name: string;
  /** Null leaves it as it is, and a new user without one. */
  readonly password: string | null;
  /** Both, unless told otherwise; a process that only searches needs `tributary_app` alone. */
  readonly roles?: readonly ServiceRole[];
}

/**
 * The SQL that makes a login for services with the least rights: it owns nothing, sees nothing by itself, and may do
 * no more than take our roles for a transaction. Running it again changes nothing but the password.
 *
 * @param database the name of the database, where nobody but its owner shall make objects from then on.
 */
export function serviceUserSql(user: ServiceUser, database: string): string {
  const { name, password, roles = ['tributary_app', 'tributary_worker'] } = user;
  const login = pg.escapeIdentifier(name);
  // `noinherit`: what a role may do it may do only after `set role`, which every transaction of ours begins with.
  const attributes = `login noinherit nosuperuser nocreaterole nocreatedb noreplication nobypassrls`;
  const secret = password === null ? '' : `alter role ${login} password ${pg.escapeLiteral(password)};\n`;
  const others = (['tributary_app', 'tributary_worker'] as const).filter((role) => !roles.includes(role));
  return [
    `do $$ begin`,
    `  if not exists (select from pg_roles where rolname = ${pg.escapeLiteral(name)}) then`,
    `    create role ${login} login noinherit;`,
    `  end if;`,
    `  if exists (select from pg_roles where rolname = ${pg.escapeLiteral(name)} and (rolinherit or rolcreaterole`,
    `             or rolsuper or rolcreatedb or rolreplication or rolbypassrls or not rolcanlogin)) then`,
    `    alter role ${login} ${attributes};`,
    `  end if;`,
    `end $$;`,
    `${secret}grant ${roles.join(', ')} to ${login};`,
    ...(others.length > 0 ? [`revoke ${others.join(', ')} from ${login};`] : []),
    `revoke temporary on database ${pg.escapeIdentifier(database)} from public;`,
    `grant connect on database ${pg.escapeIdentifier(database)} to ${login};`,
    `revoke create on schema public from public, ${login};`,
    '',
  ].join('\n');
}

/**
 * Makes the login of the services, or gives it its password and rights again. The database is migrated before.
 *
 * @param connection a user that may create roles and that has migrated the database.
 * @throws TributaryError `REJECTED_INPUT` where the name is that of the user itself, or of a role of ours.
 */
export async function ensureServiceUser(connection: pg.ClientConfig, user: ServiceUser): Promise<void> {
  const client = new pg.Client({ ...connection, application_name: 'tributary' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ me: string; database: string }>(
      'select current_user as me, current_database() as database',
    );
    const { me = '', database = '' } = rows[0] ?? {};
    if (user.name === me || ['tributary_app', 'tributary_worker'].includes(user.name)) {
      throw rejected(
        'SERVICE_USER',
        `The services cannot have the user ${user.name}: that is the one that migrates, or a role of its own. Name ` +
          'another one in TRIBUTARY_DATABASE_URL.',
      );
    }
    await client.query(serviceUserSql(user, database));
  } catch (error) {
    throw translatePostgresError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
