import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from './parse-redis-url.ts';

const none = {
  masterName: null,
  username: null,
  password: null,
  sentinelUsername: null,
  sentinelPassword: null,
  database: 0,
  tls: false,
};

describe('the address of a Redis', () => {
  it.each([
    ['redis://cache', { ...none, kind: 'single', nodes: [{ host: 'cache', port: 6379 }] }],
    [
      'rediss://ann:p%40ss%3Aword@cache:7000/3',
      {
        ...none,
        kind: 'single',
        nodes: [{ host: 'cache', port: 7000 }],
        username: 'ann',
        password: 'p@ss:word',
        database: 3,
        tls: true,
      },
    ],
    [
      'redis://:secret@[::1]:7000',
      { ...none, kind: 'single', nodes: [{ host: '::1', port: 7000 }], password: 'secret' },
    ],
    [
      'redis+sentinel://:a:b@one,two:7001/main?db=2&sentinelPassword=s&tls=true',
      {
        ...none,
        kind: 'sentinel',
        nodes: [
          { host: 'one', port: 26_379 },
          { host: 'two', port: 7001 },
        ],
        masterName: 'main',
        password: 'a:b',
        sentinelPassword: 's',
        database: 2,
        tls: true,
      },
    ],
    [
      'redis+cluster://one:7001,two',
      {
        ...none,
        kind: 'cluster',
        nodes: [
          { host: 'one', port: 7001 },
          { host: 'two', port: 6379 },
        ],
      },
    ],
  ])('is read: %s', (url, address) => {
    expect(parseRedisUrl(url)).toEqual(address);
  });

  it.each([
    ['http://cache', 'its beginning is none that is known'],
    ['redis://one,two', 'it names several servers'],
    ['redis://one:70000', '70000 is no port'],
    ['redis://one:port', '"one:port" is not `host:port`'],
    ['redis://one/first', '"first" is not the number of a database'],
    ['redis://one?tls=true', 'it has the parameter `tls`'],
    ['redis+sentinel://one', 'it lacks the name of the master'],
    ['redis+cluster://one/2', 'a Cluster has no database but 0'],
    ['redis+cluster://one?tls=yes', '`tls` is "yes"'],
    ['redis://ann:hidden%@one', 'is not written as `%25`'],
  ])('is refused with what is wrong: %s', (url, problem) => {
    expect(() => parseRedisUrl(url)).toThrow(problem);
    expect(() => parseRedisUrl(url)).toThrow('Allowed are `redis://');
    expect(() => parseRedisUrl(url)).not.toThrow('hidden');
  });
});
