import { rejected } from '../../platform/errors.ts';
import type { Upload } from './types.ts';

/** Endings of files whose content is never text, as people call them. */
const binaryEndings: Readonly<Record<string, string>> = {
  ...{
    jpg: 'JPEG',
    jpeg: 'JPEG',
    png: 'PNG',
    webp: 'WebP',
    tif: 'TIFF',
    tiff: 'TIFF',
    gif: 'GIF',
    avif: 'AVIF',
  },
  ...{ wav: 'WAV', mp3: 'MP3', flac: 'FLAC', ogg: 'Ogg', oga: 'Ogg', opus: 'Ogg', m4a: 'M4A' },
  ...{ mp4: 'MP4', m4v: 'MP4', webm: 'WebM', mkv: 'Matroska', mov: 'QuickTime' },
};

/**
 * Refuses text that is called a picture, a recording or a film: most often it is a page that was saved in its place, such as
 * one that says that a login is needed. Where the name says nothing the media type counts. Of any two other kinds the bytes
 * decide, whatever they are called.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `CONTENT_MISMATCH`.
 */
export function refuseMisnamed({ fileName, mediaType }: Upload, isHtml: boolean): void {
  const ending = /\.([a-z0-9]+)$/i.exec(fileName ?? '')?.[1]?.toLowerCase();
  const claimed = /^(?:image\/(?!svg)|audio\/|video\/)[\w.+-]+/i.exec(mediaType ?? '')?.[0];
  const name = ending === undefined ? claimed : binaryEndings[ending];
  if (name === undefined) return;
  throw rejected(
    'CONTENT_MISMATCH',
    `The file is called ${name}, and its content is ${isHtml ? 'an HTML page' : 'text'}. Perhaps a page was saved in its place: open the file to see, and send the right one, or give the text its right name.`,
  );
}
