import { readFileSync } from 'node:fs';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLSchema, parse } from 'graphql';
import { projectFile } from '../project-file.ts';
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
  return buildSubgraphSchema([
    {
      typeDefs: parse(readFileSync(projectFile(`schema/${name}.graphql`), 'utf8')),
      resolvers: resolvers as Resolvers,
    },
  ]);
}
