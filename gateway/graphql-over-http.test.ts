import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway } from './testing/start-gateway.ts';

describe('GraphQL over HTTP', () => {
  let endpoint = '';
  const ends: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    ({ endpoint } = await startGateway({ onEnd: (end) => ends.push(end) }));
  });
  afterAll(async () => {
    await Promise.all(ends.map((end) => end()));
  });

  const audits = serverAudits({ url: () => endpoint, fetchFn: fetch });

  it('has 61 audits', () => {
    expect(audits).toHaveLength(61);
  });

  it.each(audits.map((audit) => [audit.name, audit] as const))('%s', async (_name, audit) => {
    const result = await audit.fn();
    expect(result).toMatchObject({ status: 'ok' });
  });
});
