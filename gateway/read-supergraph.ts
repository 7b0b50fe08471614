import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Reads the project's own supergraph, `schema/supergraph.graphql`: beside the sources, and also where they have
 * been compiled into a folder below the project's.
 *
 * @throws when it is in neither place.
 */
export function readSupergraph(): Promise<string> {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let level = 0; level < 4; level++) {
    const path = join(folder, 'schema', 'supergraph.graphql');
    if (existsSync(path)) return readFile(path, 'utf8');
    folder = dirname(folder);
  }
  throw new Error('schema/supergraph.graphql is not in the project: run `npm run schema`.');
}
