import { once } from 'node:events';
import { serveSupergraph } from '../../gateway/serve-supergraph.ts';
import { TributaryError } from '../../platform/errors.ts';
import { ListenError } from '../../platform/http/listen.ts';
import { createLogger } from '../../platform/logger.ts';
import { CommandFailure, type ExitCode, exitCodes } from '../failure.ts';
import type { Terminal } from '../terminal.ts';

export interface GatewayOptions {
  readonly supergraph: string;
  readonly port: number;
  readonly host: string;
}

/** `tributary gateway`: serves any Federation 2 supergraph by itself, until it is told to end. */
export async function gateway(
  { terminal, signal }: { readonly terminal: Terminal; readonly signal: AbortSignal },
  { supergraph, port, host }: GatewayOptions,
): Promise<ExitCode> {
  try {
    await using server = await serveSupergraph({
      supergraph,
      port,
      host,
      logger: createLogger('gateway', 'warn'),
    });
    terminal.print(`GraphQL  ${server.url}/graphql`);
    terminal.print(`Health   ${server.url}/health`);
    if (!signal.aborted) await once(signal, 'abort');
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof TributaryError) throw new CommandFailure(exitCodes.usage, error.publicMessage);
    if (error instanceof ListenError) {
      throw new CommandFailure(
        exitCodes.failed,
        `${host}:${port} cannot be listened on: end what listens there, or choose another port by --port.`,
      );
    }
    throw error;
  }
}
