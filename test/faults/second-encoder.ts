import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, readConfig } from '../../platform/config/config.ts';
import { ensureTextEncoder } from '../../platform/models/ensure-text-encoder.ts';

/**
 * Makes a second real encoder out of the usual one: the same weights, pooled by their first token and not by the mean
 * of all, so that every vector is another one.
 *
 * @param folder where it is to be; it must not exist.
 * @returns the setting that loads it beside the usual one.
 */
export async function makeSecondEncoder(folder: string): Promise<Record<string, string>> {
  const config: Config = readConfig(process.env);
  const { folder: usual } = await ensureTextEncoder(config.encoderModel, {
    directory: config.modelsDirectory,
    hub: config.modelHub,
    offline: config.offline,
  });
  await cp(usual, folder, { recursive: true, dereference: true });
  const file = join(folder, '1_Pooling', 'config.json');
  const pooling = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  const changed = { ...pooling, pooling_mode_cls_token: true, pooling_mode_mean_tokens: false };
  await writeFile(file, JSON.stringify(changed));
  return { TRIBUTARY_NEXT_ENCODER_MODEL: folder };
}
