import { brokenPicture } from './picture-refusals.ts';

/** Whether bytes are XML with an `<svg>` near their start: no other format of pictures begins like text. */
export function looksLikeSvg(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64 * 1024))
    .toString('latin1')
    .replaceAll('\0', '')
    .replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '')
    .trimStart();
  return head.startsWith('<') && /<(?:[\w-]+:)?svg[\s>/]/i.test(head);
}

/**
 * The text of an SVG, by its byte order mark or what it declares, UTF-8 where it says nothing.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `BROKEN_PICTURE`.
 */
export function decodeSvgText(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 200)).toString('latin1');
  const declared = /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([\w.-]+)["']/.exec(head)?.[1];
  const encoding = head.startsWith('\xff\xfe')
    ? 'utf-16le'
    : head.startsWith('\xfe\xff')
      ? 'utf-16be'
      : (declared ?? 'utf-8');
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    throw brokenPicture(`its text is not ${encoding}`, error);
  }
}
