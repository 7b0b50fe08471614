import type { GraphQLSchema } from 'graphql';
import type { Identity } from './identity.ts';

/** What every resolver gets; one per operation. */
export interface OperationContext {
  readonly identity: Identity;
  /** Aborted when the caller has gone or the deadline has passed. */
  readonly signal: AbortSignal;
}

/** A plain HTTP route beside GraphQL: uploads, downloads, REST. */
export interface HttpRoute {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Its path, with `:name` for one segment: `/v1/uploads/:id`. All begin with `/v1/`. */
  readonly path: string;
  /** Whether a caller without an identity may use it: its address is itself the secret. */
  readonly open?: boolean;
  /** `identity` is null only where the route is open. Bodies are streams: nothing is buffered on the way. */
  handle(
    request: Request,
    parameters: Readonly<Record<string, string>>,
    identity: Identity | null,
  ): Promise<Response>;
}

/** Whether something that a service needs can be reached. */
export interface HealthCheck {
  readonly name: string;
  readonly healthy: boolean;
  /** What is wrong and how to mend it, or what was found. */
  readonly detail: string;
  /** Set where the service works on without it, with less: then it is said, and the service is ready all the same. */
  readonly optional?: boolean;
}

/** One subgraph, as the gateway joins it in process and as a server puts it on the network. */
export interface Subgraph<Context extends OperationContext = OperationContext> extends AsyncDisposable {
  readonly name: 'ingest' | 'retrieval' | 'generation';
  readonly schema: GraphQLSchema;
  readonly routes: readonly HttpRoute[];
  /** The context of one operation, with data loaders of its own. */
  createContext(operation: OperationContext): Context;
  /** What it needs, and whether that can be reached. */
  check(signal: AbortSignal): Promise<HealthCheck[]>;
}
