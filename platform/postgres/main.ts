import { parseArgs } from 'node:util';
import { rejected } from '../errors.ts';
import { runProcess } from '../run-process.ts';
import { migrate } from './migrate.ts';
import { ensureServiceUser, type ServiceRole, serviceUserSql } from './service-user.ts';

/**
 * `npm run migrate`: brings the database at `TRIBUTARY_DATABASE_MIGRATION_URL` to this version, and gives the user
 * of `TRIBUTARY_DATABASE_URL`, where it is another one, the least rights that the services need.
 */
await runProcess('migrate', async ({ config }) => {
  const { values } = parseArgs({
    options: {
      'print-sql': { type: 'boolean', default: false },
      'app-only': { type: 'boolean', default: false },
    },
  });
  const { databaseUrl } = config;
  if (databaseUrl === null) {
    throw rejected(
      'NO_DATABASE',
      'There is no database to migrate: set TRIBUTARY_DATABASE_URL. Our own, in the data folder, is migrated at each start.',
    );
  }
  const service = new URL(databaseUrl);
  const name = decodeURIComponent(service.username);
  const roles: readonly ServiceRole[] = values['app-only']
    ? ['tributary_app']
    : ['tributary_app', 'tributary_worker'];
  if (values['print-sql']) {
    // Without the password, which whoever runs this gives by themselves.
    console.log(
      serviceUserSql({ name, password: null, roles }, decodeURIComponent(service.pathname.slice(1))),
    );
    process.exit(0);
  }
  const owner = config.databaseMigrationUrl ?? databaseUrl;
  const applied = await migrate({ connectionString: owner });
  console.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
  if (decodeURIComponent(new URL(owner).username) !== name) {
    const password = decodeURIComponent(service.password);
    await ensureServiceUser(
      { connectionString: owner },
      { name, password: password === '' ? null : password, roles },
    );
    console.log(`The user ${name} may take ${roles.join(' and ')}, and nothing else.`);
  }
  process.exit(0);
});
