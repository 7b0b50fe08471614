import { describe, expect, it } from 'vitest';
import { isIgnored } from './copy-context.ts';
import { strictSchema } from './custom-resource-schemas.ts';
import { type ComposeService, inspectCompose } from './inspect-compose.ts';

const good: ComposeService = {
  image: 'tributary:0.1.0',
  user: '1000:1000',
  read_only: true,
  security_opt: ['no-new-privileges:true'],
  cap_drop: ['ALL'],
  healthcheck: { test: ['CMD', 'true'] },
  deploy: { resources: { limits: { memory: '1G' } } },
  restart: 'unless-stopped',
};

describe('what is looked for in a compose file', () => {
  it('has nothing to say of a service that is as it must be', () => {
    const redis = { ...good, image: 'redis:7' };
    const gateway = {
      ...good,
      ports: ['4000:4000'],
      environment: { TRIBUTARY_REDIS_URL: 'redis://:secret@redis:6379/0' },
      depends_on: { redis: { condition: 'service_healthy' } },
    };
    expect(inspectCompose({ services: { gateway, redis } })).toEqual([]);
  });

  it.each([
    ['no such service', { environment: { TRIBUTARY_MILVUS_URL: 'http://milvus:19530' } }],
    ['no such setting', { environment: { TRIBUTARY_MILVUS: 'http://worker:19530' } }],
    ['root file system', { read_only: false }],
    ['runs as root', { user: 'root' }],
    ['may gain privileges', { security_opt: [] }],
    ['keeps capabilities', { cap_drop: [] }],
    ['no limit of memory', { deploy: {} }],
    ['no health check', { healthcheck: { disable: true } }],
    ['is published', { ports: ['5432:5432'] }],
    ['waits for', { depends_on: { worker: { condition: 'service_started' } } }],
  ] as const)('finds: %s', (problem, changed) => {
    const problems = inspectCompose({ services: { worker: { ...good, ...changed } } });
    expect(problems.join('\n')).toContain(problem);
  });
});

it('leaves out of the image’s context what the ignore file says, and takes what is excepted', () => {
  const patterns = ['*', '!platform', '!deploy/cluster', '**/*.test.ts'];
  expect(isIgnored('data/secrets', patterns)).toBe(true);
  expect(isIgnored('platform/config/config.ts', patterns)).toBe(false);
  expect(isIgnored('platform/config/config.test.ts', patterns)).toBe(true);
  expect(isIgnored('deploy/cluster/main.ts', patterns)).toBe(false);
  expect(isIgnored('deploy/.env', patterns)).toBe(true);
});

it('makes a custom resource’s schema refuse what it does not know, but for what is left open', () => {
  const made = strictSchema({
    type: 'object',
    properties: {
      open: { type: 'object', properties: {}, 'x-kubernetes-preserve-unknown-fields': true },
      port: { 'x-kubernetes-int-or-string': true },
    },
    oneOf: [{ required: ['port'], properties: { port: {} } }],
  });
  expect(made).toEqual({
    type: 'object',
    additionalProperties: false,
    properties: {
      open: { type: 'object', properties: {} },
      port: { anyOf: [{ type: 'integer' }, { type: 'string' }] },
    },
    oneOf: [{ required: ['port'], properties: { port: {} } }],
  });
});
