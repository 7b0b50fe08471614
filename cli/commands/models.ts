import { readConfig } from '../../platform/config/config.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import { inspectModels } from '../inspect-models.ts';
import { renderBytes } from '../render.ts';
import type { Terminal } from '../terminal.ts';

/** `tributary models`: lists the models of the lock file, and whether they are there. */
export async function models(
  { terminal, signal }: { readonly terminal: Terminal; readonly signal: AbortSignal },
  options: { readonly json?: boolean | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ExitCode> {
  const { modelsDirectory } = readConfig(environment);
  const found = await inspectModels(modelsDirectory, signal);
  if (options.json) terminal.print(JSON.stringify({ folder: modelsDirectory, models: found }));
  else {
    for (const { name, kind, licence, bytes, state } of found) {
      terminal.print(
        `${state.padEnd(8)} ${name.padEnd(30)} ${kind.padEnd(15)} ${renderBytes(bytes).padStart(8)}  ${licence}`,
      );
    }
    terminal.print(`In ${modelsDirectory}.`);
  }
  return exitCodes.ok;
}
