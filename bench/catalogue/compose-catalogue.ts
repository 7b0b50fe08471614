import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { catalogue } from './catalogue.ts';

/** The supergraph of the catalogue's two subgraphs, at the addresses given. */
export function composeCatalogue(urls: Readonly<Record<'products' | 'reviews', string>>): string {
  const composed = composeServices(
    (['products', 'reviews'] as const).map((name) => ({
      name,
      url: urls[name],
      typeDefs: parse(catalogue[name].sdl),
    })),
  );
  if (composed.errors) throw new Error(composed.errors.map(({ message }) => message).join('\n'));
  return composed.supergraphSdl;
}
