import sharp, { type Metadata } from 'sharp';
import { TributaryError } from '../errors.ts';
import type { DecodedPicture } from '../ports/picture-decoder.ts';
import { decodeSvgText, looksLikeSvg } from './decode-svg-text.ts';
import { type FileWords, joinCaptions, noWords, tidyCaption } from './join-captions.ts';
import { brokenPicture, tooManyPixels } from './picture-refusals.ts';
import { readExif } from './read-exif.ts';
import { readIptc } from './read-iptc.ts';
import { readSvg } from './read-svg.ts';
import { readXmp } from './read-xmp.ts';

/** The formats that are decoded; AVIF is a kind of HEIF. */
const formats = new Set(['jpeg', 'png', 'webp', 'tiff', 'gif', 'heif', 'svg']);

/** The dots per inch in which SVG counts its lengths: one to a point. */
const svgDensity = 72;
/** So many that a drawing of one pixel fills what is asked for, and no more. */
const maxDensity = 7200;

/**
 * Decodes a picture with libvips. To be called in a process that may die.
 *
 * @throws TributaryError as `PictureDecoder.decode` does.
 */
export async function decodePicture(
  bytes: Uint8Array,
  { maxSide, maxPixels }: { readonly maxSide: number; readonly maxPixels: number },
): Promise<DecodedPicture> {
  const svg = looksLikeSvg(bytes) ? readSvg(decodeSvgText(bytes)) : null;
  const input = svg === null ? bytes : Buffer.from(svg.source);
  try {
    const options = { failOn: 'error', limitInputPixels: maxPixels } as const;
    // Of more pixels than are allowed it reads the header alone: that is how many there are.
    const metadata = await sharp(input, { ...options, limitInputPixels: false }).metadata();
    if (!formats.has(metadata.format) || (metadata.format === 'svg') !== (svg !== null)) {
      throw brokenPicture(`it is of the kind ${metadata.format}, which is not decoded here`);
    }
    const { width, height } = metadata.autoOrient;
    const refusal = tooManyPixels(width, height, maxPixels);
    if (refusal !== null) throw refusal;
    const density = svg === null ? {} : { density: densityFor(maxSide, width, height) };
    const { data, info } = await sharp(input, { ...options, ...density })
      .autoOrient()
      .resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = { width: info.width, height: info.height, data: rgb(data, info.channels) };
    const { titles, descriptions } = svg ?? wordsOf(metadata);
    return {
      ...{ pixels, width, height, pages: pagesOf(metadata) },
      title: titles.map(tidyCaption).find((title) => title !== null) ?? null,
      caption: joinCaptions([...titles, ...descriptions]),
      lines: svg?.lines ?? [],
    };
  } catch (error) {
    if (error instanceof TributaryError) throw error;
    throw brokenPicture('it cannot be decoded', error);
  }
}

/** Lines are drawn in as many pixels as are asked for, however small the drawing calls itself. */
const densityFor = (maxSide: number, width: number, height: number): number =>
  Math.min(maxDensity, Math.max(1, (svgDensity * maxSide) / Math.max(width, height)));

/** How many pictures a file holds side by side: the frames of a moving one are one. */
const pagesOf = ({ format, pages = 1 }: Metadata): number => (format === 'tiff' ? pages : 1);

/** What the blocks of metadata call the picture, and say of it. */
function wordsOf({ exif, iptc, xmp, comments = [] }: Metadata): {
  readonly titles: readonly string[];
  readonly descriptions: readonly string[];
} {
  const texts = new Map(comments.map(({ keyword, text }) => [keyword.toLowerCase(), text]));
  const all: readonly FileWords[] = [
    xmp ? readXmp(new TextDecoder().decode(xmp)) : noWords,
    exif ? readExif(exif) : noWords,
    iptc ? readIptc(iptc) : noWords,
    {
      titles: [texts.get('title') ?? ''],
      descriptions: [texts.get('description') ?? '', texts.get('comment') ?? ''],
    },
  ];
  return {
    titles: all.flatMap(({ titles }) => titles),
    descriptions: all.flatMap(({ descriptions }) => descriptions),
  };
}

/** What libvips gave, with three bytes a pixel. */
function rgb(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data;
  const count = data.length / channels;
  const out = new Uint8Array(count * 3);
  for (let index = 0; index < count; index++) {
    for (let band = 0; band < 3; band++) {
      out[index * 3 + band] = data[index * channels + (channels >= 3 ? band : 0)] ?? 0;
    }
  }
  return out;
}
