import type { Identity } from '../identity.ts';
import type { OperationContext, Subgraph } from '../subgraph.ts';

/** The context of one operation of a subgraph: the same in process and over the network. */
export const contextFor = <Context extends OperationContext>(
  subgraph: Subgraph<Context>,
  identity: Identity,
  signal: AbortSignal,
): Context => subgraph.createContext({ identity, signal });
