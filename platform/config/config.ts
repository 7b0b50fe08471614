import { fallbackOf, type Setting, type Values } from './setting.ts';
import { settings } from './settings.ts';

/** The whole configuration: parsed once, checked, frozen. */
export type Config = Values<typeof settings>;

/** One or more settings are wrong. The message names each, what it was, and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const entries = Object.entries(settings) as [keyof Config, Setting<unknown>][];

/** Names that begin like ours but are not: most likely slips, so they are refused too. */
const foreign = new Set(['TRIBUTARY_URL', 'TRIBUTARY_TOKEN']);

/**
 * Reads the settings from environment variables. An empty variable is an unset one.
 *
 * @throws ConfigError that lists everything that is wrong.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const values: Partial<Record<keyof Config, unknown>> = {};
  for (const [name, setting] of entries) {
    const text = environment[setting.variable];
    if (text === undefined || text === '') {
      values[name] = fallbackOf(setting);
      continue;
    }
    const parsed = setting.schema.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else {
      const shown = setting.secret ? 'what it is set to' : JSON.stringify(text);
      problems.push(`${setting.variable}: ${shown} is not allowed. Allowed: ${setting.allowed}.`);
    }
  }
  const known = new Set(entries.map(([, { variable }]) => variable));
  for (const variable of Object.keys(environment)) {
    if (variable.startsWith('TRIBUTARY_') && !known.has(variable) && !foreign.has(variable)) {
      problems.push(`${variable}: there is no such setting. docs/settings.md lists them all.`);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return Object.freeze(values) as Config;
}

/** The configuration for people: each variable with its value, secrets redacted. */
export function describeConfig(config: Config): { variable: string; value: string; isDefault: boolean }[] {
  return entries.map(([name, setting]) => {
    const value: unknown = config[name];
    const shown =
      value === null
        ? '(not set)'
        : setting.secret
          ? '(secret)'
          : Array.isArray(value)
            ? value.join(',')
            : String(value);
    return { variable: setting.variable, value: shown, isDefault: value === fallbackOf(setting) };
  });
}

/** The table of all settings, in Markdown: what `docs/settings.md` holds. */
export function settingsTable(): string {
  const rows = entries.map(([, { variable, description, allowed, fallback }]) => {
    const described = typeof fallback === 'object' && fallback !== null && 'described' in fallback;
    const shown = described
      ? fallback.described
      : fallback === null
        ? 'not set'
        : `\`${Array.isArray(fallback) ? fallback.join(',') : String(fallback)}\``;
    return `| \`${variable}\` | ${description} | ${allowed} | ${shown === '``' ? 'none' : shown} |`;
  });
  return ['| variable | what it does | allowed | default |', '|---|---|---|---|', ...rows, ''].join('\n');
}
