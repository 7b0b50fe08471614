import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compose, type SubgraphSource } from './compose.ts';
import { generateOperationTypes, generateResolverTypes } from './generate-types.ts';

/** The subgraphs, in the order in which they are composed. */
export const subgraphNames = ['ingest', 'retrieval', 'generation'] as const;

/** Who sends operations; each may have an `operations.graphql` of its own. */
const clients = ['cli', 'eval', 'subgraphs/generation'];

/** Reads each subgraph's part of the contract. */
export const readSources = (root: string): Promise<SubgraphSource[]> =>
  Promise.all(
    subgraphNames.map(async (name) => ({
      name,
      sdl: await readFile(join(root, 'schema', `${name}.graphql`), 'utf8'),
    })),
  );

/**
 * Everything that follows from the contract: the composed schemas, and the types of resolvers and
 * operations.
 *
 * @returns the content of each file, by its path from the root
 */
export async function buildArtifacts(root: string): Promise<Map<string, string>> {
  const sources = await readSources(root);
  const composed = compose(sources);
  const artifacts = new Map([
    ['schema/supergraph.graphql', composed.supergraph],
    ['schema/public.graphql', composed.public],
  ]);
  for (const source of sources) {
    const folder = `subgraphs/${source.name}`;
    const models = await readIfThere(join(root, folder, 'models.ts'));
    const context = await readIfThere(join(root, folder, 'context.ts'));
    artifacts.set(`${folder}/schema.generated.ts`, await generateResolverTypes(source, { models, context }));
  }
  for (const client of clients) {
    const operations = await readIfThere(join(root, client, 'operations.graphql'));
    if (operations === null) continue;
    artifacts.set(
      `${client}/operations.generated.ts`,
      await generateOperationTypes(composed.public, operations),
    );
  }
  return artifacts;
}

/** The text of a file, or null where there is none. */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
