import type { Extracted, Inspected } from '../types.ts';
import type { enclosedPicture } from './office/enclosed-picture.ts';
import { readDocx } from './office/read-docx.ts';
import { readEmail } from './office/read-email.ts';
import { readPptx } from './office/read-pptx.ts';

/**
 * Reads documents of Word and PowerPoint and e-mail as text with their pictures.
 *
 * @throws TributaryError `REJECTED_INPUT` where the content is broken or encrypted, or not safe to unpack; also while the
 * parts are gone through.
 */
export function extractOffice(
  { mediaType, bytes }: Inspected,
  readers: Parameters<typeof enclosedPicture>[1],
  signal: AbortSignal,
): Promise<Extracted> {
  switch (mediaType) {
    case 'message/rfc822':
      return readEmail(bytes, readers, signal);
    case 'application/vnd.openxmlformats-officedocument.presentationml.presentation':
      return readPptx(bytes, readers, signal);
    default:
      return readDocx(bytes, readers, signal);
  }
}
