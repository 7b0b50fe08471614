import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';

/** A Whisper of random weights: see `make-tiny-whisper.py`. */
export const tinyWhisper = fileURLToPath(new URL('./tiny-whisper', import.meta.url));

/** A copy of it without some of its files, or with others. */
export async function tinyWhisperCopy({
  without = [],
  generation,
}: {
  readonly without?: readonly string[];
  readonly generation?: Readonly<Record<string, unknown>>;
} = {}): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await temporaryDirectory();
  await cp(tinyWhisper, folder.path, { recursive: true });
  for (const file of without) await rm(join(folder.path, file));
  if (generation) await writeFile(join(folder.path, 'generation_config.json'), JSON.stringify(generation));
  return folder;
}
