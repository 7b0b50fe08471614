import { TributaryError } from '../errors.ts';
import type { EnsureModelOptions } from '../models/ensure-model.ts';
import { findFfmpeg } from './find-ffmpeg.ts';
import { packagedFfmpeg } from './packaged-ffmpeg.ts';

/** An index that has sent nothing within this time cannot be reached. */
const firstByteMs = 30_000;

/**
 * Makes sure that there is an ffmpeg for the setting `TRIBUTARY_FFMPEG`: with `auto`, where neither the `PATH` nor the
 * models' folder has one, the packaged one is downloaded.
 *
 * @throws TributaryError whose message says what failed and what to do.
 */
export async function ensureFfmpeg(setting: string, options: EnsureModelOptions): Promise<void> {
  if (setting === 'none' || (await findFfmpeg(setting, options)) !== null) return;
  const silence = new AbortController();
  const timer = setTimeout(
    () =>
      silence.abort(
        new TributaryError('UPSTREAM', 'The Python package index does not answer.', { service: 'models' }),
      ),
    firstByteMs,
  );
  const { signal, onProgress } = options;
  try {
    await packagedFfmpeg({
      ...options,
      signal: signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]),
      onProgress: (progress) => {
        if (progress.receivedBytes > 0) clearTimeout(timer);
        onProgress?.(progress);
      },
    });
  } finally {
    clearTimeout(timer);
  }
}
