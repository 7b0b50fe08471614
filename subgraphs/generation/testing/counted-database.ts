import type { PoolClient } from 'pg';
import type { Database } from '../../../platform/postgres/database.ts';

/** A database that counts the statements which are sent through it, the ends of transactions not among them. */
export function countedDatabase(database: Database): { readonly database: Database; statements(): number } {
  let statements = 0;
  const counted =
    <T>(work: (client: PoolClient) => Promise<T>) =>
    (client: PoolClient): Promise<T> =>
      work(
        new Proxy(client, {
          get(target, name) {
            if (name === 'query') statements++;
            const value: unknown = Reflect.get(target, name, target);
            return typeof value === 'function' ? value.bind(target) : value;
          },
        }),
      );
  return {
    statements: () => statements,
    database: {
      forTenant: (tenant, work, options) => database.forTenant(tenant, counted(work), options),
      forWorker: (work, options) => database.forWorker(counted(work), options),
      listen: (channel, listener) => database.listen(channel, listener),
      ping: (signal) => database.ping(signal),
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    },
  };
}
