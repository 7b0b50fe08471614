import { rejected, TributaryError } from '../../platform/errors.ts';
import type { MediaDecoder } from '../../platform/ports/media-decoder.ts';
import type { QueryUpload } from './types.ts';

/** So much of the beginning of a sound is searched with. */
const seconds = 30;

const field = 'audioUploadId';

/**
 * The first 30 seconds of an upload's sound.
 *
 * @returns 16 kHz, mono, -1 to 1.
 * @throws TributaryError `REJECTED_INPUT` with reason `NOT_A_SOUND`, or as the decoder says.
 */
export async function readSound(
  upload: QueryUpload,
  decoder: MediaDecoder,
  signal: AbortSignal,
): Promise<Float32Array> {
  const bytes = await upload.read(signal);
  try {
    await using media = await decoder.open(bytes, signal);
    if (media.probe.hasSound) {
      for await (const stretch of media.sound({ seconds }, signal)) if (stretch.length > 0) return stretch;
    }
  } catch (error) {
    if (!(error instanceof TributaryError) || error.code !== 'REJECTED_INPUT') throw error;
    const reason = error.reason === 'BROKEN_MEDIA' ? 'NOT_A_SOUND' : error.reason;
    throw rejected(reason, `The upload cannot be searched with as a sound. ${error.publicMessage}`, {
      field,
      cause: error,
    });
  }
  throw rejected(
    'NOT_A_SOUND',
    'The upload has no sound in it. Send a recording, or a film with a sound track.',
    {
      field,
    },
  );
}
