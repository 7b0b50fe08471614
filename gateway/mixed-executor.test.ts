import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../platform/logger.ts';
import { createRuntime } from './create-runtime.ts';
import { inProcessTransport } from './in-process-transport.ts';
import { mixedExecutor } from './mixed-executor.ts';
import { composeLibrary, createLibrary, type Library } from './testing/library.ts';
import { limits } from './testing/start-gateway.ts';

const identity = { tenant: 'acme', subject: 'ann', scopes: [] };

describe('mixedExecutor', () => {
  it('executes queries by stitching, and says so, where the native planner is missing', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
    const library: Library = createLibrary();
    const runtime = await createRuntime({
      supergraph: composeLibrary(),
      limits,
      logger,
      title: 'test',
      handler: mixedExecutor(logger, async () => {
        throw new Error('no binary for this platform');
      }),
      connect: (service) =>
        inProcessTransport(
          service,
          () => library.subgraphs[service as keyof Library['subgraphs']],
          createLogger('test', 'silent'),
        ),
    });
    const caller = { identity, authorization: null, signal: new AbortController().signal };
    const response = await runtime.fetch(
      new Request('http://localhost/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          query: '{ search(text: "a", first: 10) { hits { chunk { text document { title } } } } }',
        }),
      }),
      { caller },
    );
    const { data } = (await response.json()) as { data: { search: { hits: unknown[] } } };
    expect(data.search.hits[9]).toEqual({
      chunk: { text: 'Text of c9', document: { title: 'Title of d0' } },
    });
    expect(library.entityBatches).toEqual([10]);
    expect(lines.join()).toContain('the native query planner cannot be loaded on this platform');
    await runtime.dispose();
  });
});
