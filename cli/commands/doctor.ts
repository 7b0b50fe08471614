import { ConfigError, describeConfig, readConfig } from '../../platform/config/config.ts';
import { probeProviders } from '../../platform/encoder/probe-providers.ts';
import type { CommandContext } from '../command.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import { type Finding, ok, problem } from '../finding.ts';
import { inspectMachine, inspectPython } from '../inspect-machine.ts';
import { inspectMedia } from '../inspect-media.ts';
import { findModels, inspectModels } from '../inspect-models.ts';
import { inspectServer } from '../inspect-server.ts';
import { count } from '../render.ts';

/**
 * `tributary doctor`: says what is configured, reachable and missing, and how to mend it. Works also while no
 * server runs. What belongs to this machine is looked at only where the server is meant to be on it.
 */
export async function doctor(
  { client, terminal, signal }: CommandContext,
  options: { readonly json?: boolean | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ExitCode> {
  const server = await inspectServer(client);
  const isServerThere = server.some(({ name, state }) => name === 'server' && state === 'ok');
  const findings = [
    ...(isHere(client.url) ? await inspectHere(environment, isServerThere, signal) : []),
    ...server,
  ];
  const problems = findings.filter(({ state }) => state === 'problem').length;
  if (options.json) terminal.print(JSON.stringify({ healthy: problems === 0, findings }));
  else {
    for (const finding of findings) for (const line of renderFinding(finding)) terminal.print(line);
    const warnings = findings.filter(({ state }) => state === 'warning').length;
    const noted = warnings === 0 ? '' : `, ${count(warnings, 'warning')}`;
    terminal.print(problems + warnings === 0 ? 'All is well.' : `${count(problems, 'problem')}${noted}.`);
  }
  return problems === 0 ? exitCodes.ok : exitCodes.failed;
}

async function inspectHere(
  environment: Readonly<Record<string, string | undefined>>,
  isServerThere: boolean,
  signal: AbortSignal,
): Promise<Finding[]> {
  try {
    const config = readConfig(environment);
    const changed = describeConfig(config).filter(({ isDefault }) => !isDefault);
    const models = await inspectModels(config.modelsDirectory, signal);
    const providers = await probeProviders(config.executionProviders);
    const found = [
      ...(await findModels(config, models, providers.provider)),
      ...(await inspectMedia(config, providers, signal)),
    ];
    return [
      ok(
        'settings',
        changed.length === 0
          ? 'all as by default'
          : changed.map(({ variable, value }) => `${variable}=${value}`).join(' '),
      ),
      ...(await inspectMachine(config, isServerThere)),
      // Only what is missing has to be brought by it.
      ...(found.every(({ state }) => state === 'ok') ? [] : [await inspectPython()]),
      ...found,
    ];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message
      .split('\n')
      .map((line) =>
        problem('settings', line, 'Set it right, or unset it; docs/settings.md lists them all.'),
      );
  }
}

const isHere = (url: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]', '0.0.0.0'].includes(new URL(url).hostname);

const marks = { ok: '✓', warning: '!', problem: '✗' } as const;

function renderFinding({ name, state, detail, mend }: Finding): string[] {
  return [
    `${marks[state]} ${name.padEnd(24)} ${detail}`,
    ...(mend === null ? [] : [`${' '.repeat(27)}${mend}`]),
  ];
}
