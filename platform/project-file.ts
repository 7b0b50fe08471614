import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The path of a file of the project that is no code (`schema/supergraph.graphql`): from the sources, and also from
 * what was built of them into a folder below the project's.
 *
 * @throws Error when this code is not in the project.
 */
export function projectFile(path: string): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error(`${path} cannot be found: the program is not in its project.`);
    folder = above;
  }
  return join(folder, path);
}
