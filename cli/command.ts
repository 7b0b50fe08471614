import type { TributaryClient } from './client.ts';
import type { Terminal } from './terminal.ts';

/** What a command that talks to a server is given. */
export interface CommandContext {
  readonly client: TributaryClient;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}
