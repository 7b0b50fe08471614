import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';

/** One subgraph's part of the contract. */
export interface SubgraphSource {
  readonly name: string;
  /** Its SDL, as written. */
  readonly sdl: string;
}

/** What the subgraphs' SDL becomes when it is put together. */
export interface ComposedSchema {
  /** For the gateway: who answers what. */
  readonly supergraph: string;
  /** For clients: the API alone, without the machinery of federation. */
  readonly public: string;
}

/** The subgraphs do not go together. The message has every reason, one a line. */
export class CompositionError extends Error {
  override readonly name = 'CompositionError';
}

/**
 * Composes the supergraph. The addresses in it are placeholders (`http://ingest/graphql`): the gateway
 * replaces them by those of its configuration, or joins the subgraphs in process.
 *
 * @throws CompositionError where the subgraphs contradict each other.
 */
export function compose(sources: readonly SubgraphSource[]): ComposedSchema {
  const composed = composeServices(
    sources.map(({ name, sdl }) => ({ name, url: `http://${name}/graphql`, typeDefs: parse(sdl) })),
  );
  if (composed.errors) {
    throw new CompositionError(
      composed.errors.map(({ message, extensions }) => `${String(extensions?.code)}: ${message}`).join('\n'),
    );
  }
  return { supergraph: `${composed.supergraphSdl}\n`, public: `${composed.publicSdl}\n` };
}
