import pg from 'pg';
import { DisposableStack } from '../disposable-stack.ts';
import { openDatabase } from '../postgres/pg-database.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { createTestDatabase } from '../testing/test-database.ts';
import { describeMessageBus } from './message-bus.contract.ts';
import { createPostgresMessageBus } from './postgres-message-bus.ts';

describeMessageBus('PostgreSQL', async () => {
  const stack = new DisposableStack();
  const { connection } = stack.use(await createTestDatabase());
  return {
    async join() {
      const database = stack.use(await openDatabase({ connection, logger: silentLogger }));
      return stack.use(createPostgresMessageBus(database));
    },
    async breakConnections() {
      const client = new pg.Client(connection);
      await client.connect();
      await client.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
      await client.end();
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
});
