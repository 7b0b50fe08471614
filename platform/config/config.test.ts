import { describe, expect, it } from 'vitest';
import { ConfigError, describeConfig, readConfig, settingsTable } from './config.ts';
import { settings } from './settings.ts';

describe('readConfig', () => {
  it('gives every setting its default where nothing is set, and cannot be changed afterwards', () => {
    const config = readConfig({ PATH: '/bin', PORT: '' });

    expect(config.port).toBe(4000);
    expect(config.tokenBudget).toBe(2048);
    expect(Object.keys(config).sort()).toEqual(Object.keys(settings).sort());
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('lists everything that is wrong at once, with the variable, what it was and what is allowed', () => {
    const read = () => readConfig({ PORT: 'eighty', TRIBUTARY_LOG_LEVEL: 'loud', TRIBUTARY_OFFLINE: 'true' });

    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/PORT: "eighty" is not allowed\. Allowed: 0 to 65535\./);
    expect(read).toThrow(/TRIBUTARY_LOG_LEVEL: "loud" is not allowed/);
  });

  it('refuses a setting that does not exist, since it is most likely a slip', () => {
    expect(() => readConfig({ TRIBUTARY_DATAA: 'x' })).toThrow(/TRIBUTARY_DATAA: there is no such setting/);
  });

  it('never shows a secret, neither in a refusal nor in a description', () => {
    const short = 'hunter2';
    expect(() => readConfig({ TRIBUTARY_INTERNAL_SECRET: short })).toThrow(/at least 32 characters/);
    try {
      readConfig({ TRIBUTARY_INTERNAL_SECRET: short });
    } catch (error) {
      expect(String(error)).not.toContain(short);
    }
    const secret = 's'.repeat(40);
    const described = JSON.stringify(describeConfig(readConfig({ TRIBUTARY_INTERNAL_SECRET: secret })));
    expect(described).not.toContain(secret);
  });
});

it('documents every setting in one table', () => {
  const table = settingsTable();
  for (const { variable } of Object.values(settings)) expect(table).toContain(`\`${variable}\``);
});
