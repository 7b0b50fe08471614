import { Redis } from 'ioredis';
import pg from 'pg';
import type { Cluster } from '../../deploy/cluster/start-cluster.ts';

/**
 * Where words can still be read: every row of every table of the database, and everything in Redis. (The vector
 * store and the object store are compared chunk by chunk and key by key elsewhere.)
 */
export async function findRemains(cluster: Cluster, words: readonly string[]): Promise<string[]> {
  const { postgres, redis } = cluster.stores;
  return [...(await inDatabase(postgres.url, words)), ...(await inRedis(redis.url, words))];
}

async function inDatabase(url: string, words: readonly string[]): Promise<string[]> {
  // The superuser, whom no policy hides anything from.
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: columns } = await client.query<{ table_name: string; column_name: string }>(
      `select table_name, column_name from information_schema.columns
       join information_schema.tables using (table_schema, table_name)
       where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );
    const found: string[] = [];
    for (const { table_name: table, column_name: column } of columns) {
      const { rows } = await client.query<{ value: string }>(
        `select "${column}"::text as value from "${table}"
         where "${column}"::text like any (select '%' || word || '%' from unnest($1::text[]) as word) limit 5`,
        [words],
      );
      for (const { value } of rows) found.push(`${table}.${column} holds ${value.slice(0, 300)}`);
    }
    return found;
  } finally {
    await client.end();
  }
}

async function inRedis(url: string, words: readonly string[]): Promise<string[]> {
  const redis = new Redis(url);
  try {
    const found: string[] = [];
    for await (const keys of redis.scanStream({ count: 1000 }) as AsyncIterable<string[]>) {
      for (const key of keys) {
        const value = await readKey(redis, key);
        const word = words.find((one) => value.includes(one) || key.includes(one));
        if (word !== undefined) found.push(`Redis holds ${word} in ${key}: ${value.slice(0, 300)}`);
      }
    }
    return found;
  } finally {
    redis.disconnect();
  }
}

/** What a key holds, as text, whatever kind it is of. */
async function readKey(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case 'string':
      return (await redis.get(key)) ?? '';
    case 'hash':
      return JSON.stringify(await redis.hgetall(key));
    case 'list':
      return JSON.stringify(await redis.lrange(key, 0, -1));
    case 'set':
      return JSON.stringify(await redis.smembers(key));
    case 'zset':
      return JSON.stringify(await redis.zrange(key, 0, -1));
    case 'stream':
      return JSON.stringify(await redis.xrange(key, '-', '+'));
    default:
      return '';
  }
}
