import { setImmediate } from 'node:timers/promises';
import type { GraphQLFieldResolver } from 'graphql';

/** A small catalogue, as two subgraphs and as one schema, for measuring what lies between them and a client. */
interface Product {
  readonly id: string;
  readonly name: string;
  readonly price: number;
}

interface Review {
  readonly id: string;
  readonly author: string;
  readonly text: string;
}

const products: readonly Product[] = Array.from({ length: 100 }, (_, index) => ({
  id: `product-${index}`,
  name: `Centrifugal pump ${index}`,
  price: 100 + index / 4,
}));
const reviews = new Map<string, readonly Review[]>(
  products.map(({ id }, index) => [
    id,
    [0, 1].map((ordinal) => ({
      id: `review-${index}-${ordinal}`,
      author: `Engineer ${(index * 7 + ordinal) % 31}`,
      text: `Runs quietly after ${(index + 1) * 100} hours; the seal was replaced ${ordinal + 1} times.`,
    })),
  ]),
);

/** As many changes as are asked for, as fast as they are taken; the event loop gets a turn between them. */
async function* productChanges(
  _: unknown,
  { count, from }: { count: number; from: number },
): AsyncGenerator<unknown> {
  for (let sequence = 1; sequence <= count; sequence++) {
    yield { productChanged: { sequence, product: products[(from + sequence) % products.length] } };
    await setImmediate();
  }
}

const federation = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
const productFields = 'id: ID! name: String! price: Float!';
const reviewType = 'type Review { id: ID! author: String! text: String! }';
const roots = `
  type Query { products(first: Int!): [Product!]! }
  type Subscription { productChanged(count: Int!, from: Int!): ProductChange! }
  type ProductChange { sequence: Int! product: Product! }`;

type Resolver = GraphQLFieldResolver<never, unknown, never, unknown>;

/** One schema: its SDL, and the resolvers of those fields that are not just there. */
export interface CatalogueSchema {
  readonly sdl: string;
  readonly resolvers: Readonly<Record<string, Readonly<Record<string, Resolver | { subscribe: Resolver }>>>>;
}

const rootResolvers: CatalogueSchema['resolvers'] = {
  Query: { products: (_: unknown, { first }: { first: number }) => products.slice(0, first) },
  Subscription: { productChanged: { subscribe: productChanges } },
};
const reviewResolvers: CatalogueSchema['resolvers'] = {
  Product: { reviews: ({ id }: { id: string }) => reviews.get(id) ?? [] },
};

/** The catalogue in two parts, for a gateway, and `whole`, as one schema without federation. */
export const catalogue: Readonly<Record<'products' | 'reviews' | 'whole', CatalogueSchema>> = {
  products: {
    sdl: `${federation} ${roots} type Product @key(fields: "id") { ${productFields} }`,
    resolvers: rootResolvers,
  },
  reviews: {
    sdl: `${federation} ${reviewType} type Product @key(fields: "id") { id: ID! reviews: [Review!]! }`,
    resolvers: reviewResolvers,
  },
  whole: {
    sdl: `${roots} ${reviewType} type Product { ${productFields} reviews: [Review!]! }`,
    resolvers: { ...rootResolvers, ...reviewResolvers },
  },
};

/** Ten products of one subgraph, each with its reviews of the other: one entity hop. */
export const hopQuery = '{ products(first: 10) { id name price reviews { id author text } } }';

/**
 * Events of one subgraph, each with an entity of the other. Subscriptions begin at different products (`from`):
 * calls that are the same may share one execution.
 */
export const hopSubscription = `subscription ($count: Int!, $from: Int!) {
  productChanged(count: $count, from: $from) { sequence product { id name price reviews { id author text } } }
}`;
