import { GraphQLError, GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';

const refuse = (message: string): never => {
  throw new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
};

const instant = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** An instant: a Date or an ISO 8601 text inside, always UTC with milliseconds outside. */
export const dateTimeScalar = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  serialize: (value) => {
    const date = value instanceof Date ? value : new Date(String(value));
    if (Number.isNaN(date.getTime())) throw new TypeError(`${String(value)} is not an instant.`);
    return date.toISOString();
  },
  parseValue: parseInstant,
  parseLiteral: (node) => parseInstant(node.kind === Kind.STRING ? node.value : undefined),
});

function parseInstant(value: unknown): string {
  if (typeof value === 'string' && instant.test(value)) {
    const date = new Date(value);
    if (!Number.isNaN(date.getTime())) return date.toISOString();
  }
  return refuse(
    'A DateTime is an instant with its offset from UTC, as in "2026-11-23T02:55:42.000Z"; this is none.',
  );
}

/** Any JSON value, as it is. */
export const jsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node: ValueNode, variables) => valueFromASTUntyped(node, variables),
});

/** An address as a text. */
export const urlScalar = new GraphQLScalarType<string, string>({
  name: 'URL',
  serialize: String,
  parseValue: (value) => (typeof value === 'string' ? value : refuse('A URL is a text.')),
  parseLiteral: (node) => (node.kind === Kind.STRING ? node.value : refuse('A URL is a text.')),
});

/** The resolvers of all scalars of the contract; a subgraph takes those that its part of it has. */
export const scalars = { DateTime: dateTimeScalar, JSON: jsonScalar, URL: urlScalar };
