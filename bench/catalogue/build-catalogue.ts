import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildSchema, type GraphQLFieldResolver, type GraphQLSchema, isObjectType, parse } from 'graphql';
import { catalogue } from './catalogue.ts';

/** The executable schema of one part of the catalogue; `whole` knows nothing of federation. */
export function buildCatalogue(part: keyof typeof catalogue): GraphQLSchema {
  const { sdl, resolvers } = catalogue[part];
  const schema = part === 'whole' ? buildSchema(sdl) : buildSubgraphSchema({ typeDefs: parse(sdl) });
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName);
    for (const [fieldName, resolver] of Object.entries(fields)) {
      const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
      if (!field) throw new RangeError(`The catalogue has no field ${typeName}.${fieldName}.`);
      if (typeof resolver === 'function') field.resolve = resolver as GraphQLFieldResolver<unknown, unknown>;
      else field.subscribe = resolver.subscribe as GraphQLFieldResolver<unknown, unknown>;
    }
  }
  return schema;
}
