import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { projectFile } from '../../platform/project-file.ts';
import type { VectorServer } from './start-stores.ts';

/** What was asked for on the command line and in the environment. */
export interface Wanted {
  readonly help: boolean;
  readonly onlyStores: boolean;
  readonly vectors: VectorServer;
  readonly workers: number;
  readonly port: number;
  readonly host: string;
  readonly dataDirectory: string;
}

/** The command line is wrong. The message says what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage = `usage: npm run cluster -- [options]

  --workers N             worker processes that take documents in (1 to 64; 1)
  --vectors lite|milvus   lite: milvus-lite, which searches by meaning and by words (the default)
                          milvus: the full server, Milvus 2.3.5, which searches by meaning only
  --only stores           just PostgreSQL, Milvus, Redis and the object store
  --help

The gateway listens on PORT (4000; 0 picks a free one) and HOST (127.0.0.1). Everything that is kept is in
TRIBUTARY_DATA (data/cluster). All other settings of docs/settings.md are passed on to the services.`;

function whole(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < from || value > to) {
    throw new UsageError(`${name}: ${JSON.stringify(text)} is not allowed. Allowed: ${from} to ${to}.`);
  }
  return value;
}

function oneOf<const Value extends string>(name: string, text: string, allowed: readonly Value[]): Value {
  const found = allowed.find((value) => value === text);
  if (found === undefined) {
    throw new UsageError(`${name}: ${JSON.stringify(text)} is not allowed. Allowed: ${allowed.join(', ')}.`);
  }
  return found;
}

/** @throws UsageError that says what was wrong and what is allowed. */
export function parseArguments(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Wanted {
  let values: { workers?: string; vectors?: string; only?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...words],
      options: {
        workers: { type: 'string' },
        vectors: { type: 'string' },
        only: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
  if (values.only !== undefined) oneOf('--only', values.only, ['stores']);
  return {
    help: values.help === true,
    onlyStores: values.only === 'stores',
    vectors: oneOf('--vectors', values.vectors ?? 'lite', ['lite', 'milvus']),
    workers: whole('--workers', values.workers ?? '1', 1, 64),
    port: whole('PORT', environment.PORT || '4000', 0, 65_535),
    host: environment.HOST || '127.0.0.1',
    dataDirectory: resolve(environment.TRIBUTARY_DATA || projectFile('data/cluster')),
  };
}
