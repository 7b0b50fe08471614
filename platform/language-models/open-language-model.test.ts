import { expect, it } from 'vitest';
import { readConfig } from '../config/config.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { openLanguageModel } from './open-language-model.ts';

/** As on a machine that has no model files and no way to get any. */
async function open(settings: Record<string, string>) {
  await using models = await temporaryDirectory();
  const config = readConfig({ TRIBUTARY_MODELS: models.path, TRIBUTARY_OFFLINE: 'true', ...settings });
  return await openLanguageModel({ config, logger: silentLogger });
}

it('needs no model files where no language model is wanted', async () => {
  expect(await open({ TRIBUTARY_LANGUAGE_MODEL: 'none' })).toBeNull();
  await expect(open({})).rejects.toMatchObject({ code: expect.any(String) });
});

it('asks for the name of the model at an endpoint', async () => {
  await expect(open({ TRIBUTARY_OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' })).rejects.toMatchObject({
    reason: 'NO_MODEL_NAME',
  });
});
