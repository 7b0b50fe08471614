import { readFile } from 'node:fs/promises';
import { projectFile } from '../platform/project-file.ts';

/** Reads the project's own supergraph, `schema/supergraph.graphql`. @throws when it is not there. */
export const readSupergraph = (): Promise<string> =>
  readFile(projectFile('schema/supergraph.graphql'), 'utf8');
