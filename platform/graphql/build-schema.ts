import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLSchema, parse } from 'graphql';
import type { Subgraph } from '../subgraph.ts';

/** A resolver map as `@apollo/subgraph` takes it; generated types say what is in it. */
type Resolvers = NonNullable<
  Extract<Parameters<typeof buildSubgraphSchema>[0], readonly unknown[]>[number] extends infer Module
    ? Module extends { resolvers?: infer Map }
      ? Map
      : never
    : never
>;

/** A subgraph's schema: its part of the contract, `schema/<name>.graphql`, with its resolvers. */
export function buildSchema(name: Subgraph['name'], resolvers: object): GraphQLSchema {
  // The sources lie two folders below the root, what is built from them three.
  const paths = ['../..', '../../..'].map((root) =>
    join(import.meta.dirname, root, `schema/${name}.graphql`),
  );
  const path = paths.find(existsSync) ?? paths[0] ?? '';
  return buildSubgraphSchema([
    { typeDefs: parse(readFileSync(path, 'utf8')), resolvers: resolvers as Resolvers },
  ]);
}
