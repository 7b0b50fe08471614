import { createHash } from 'node:crypto';
import type { PictureDecoder } from '../../../platform/ports/picture-decoder.ts';
import type { TextReader } from '../../../platform/ports/text-reader.ts';
import type { Box, Locator } from '../../../platform/types.ts';
import type { Derivations } from '../derivations.ts';
import type { Attributes, Extracted, Gap, Piece } from '../types.ts';
import { lacking } from './lacking.ts';
import { type PictureHints, pictureHints } from './picture-hints.ts';
import { picturePieces, shownSide } from './picture-pieces.ts';

/** What a picture is read with. Without a decoder it is found by what is said of it alone. */
export interface PictureFileReaders {
  readonly pictures?: PictureDecoder | null;
  readonly textReader?: TextReader | null;
  readonly derivations: Derivations;
  /** What the uploader says of the document. */
  readonly attributes?: Pick<Attributes, 'tags' | 'metadata'>;
}

const imageRegion = (box: Box): Locator => ({ kind: 'ImageRegion', box });
const nothingSaid: Pick<Attributes, 'tags' | 'metadata'> = { tags: [], metadata: {} };

/**
 * Reads the file of a picture; see `picturePieces` for what it gives. Of a TIFF with several pages the first is read, and the
 * others are a gap `PAGES_NOT_READ`.
 *
 * @throws TributaryError `REJECTED_INPUT` as the decoder of pictures does.
 */
export async function extractPicture(
  bytes: Uint8Array,
  { pictures = null, textReader = null, derivations, attributes = nothingSaid }: PictureFileReaders,
  signal: AbortSignal,
): Promise<Extracted> {
  const hints = pictureHints(attributes);
  if (pictures === null) return extracted(null, undecoded(bytes, hints));
  const picture = await pictures.decode(bytes, { maxSide: shownSide }, signal);

  async function* parts(decoder: PictureDecoder): AsyncGenerator<Piece | Gap> {
    const readers = { pictures: decoder, textReader, derivations };
    yield* picturePieces(picture, bytes, imageRegion, hints, readers, signal);
    const { pages = 1 } = picture;
    if (pages > 1) {
      yield {
        code: 'PAGES_NOT_READ',
        message: `The file has ${pages} pages, of which the first was read. Send the others as files of their own, or all of them as a PDF.`,
        locator: null,
      };
    }
  }
  return extracted(picture.title ?? null, parts(pictures));
}

const extracted = (title: string | null, parts: Extracted['parts']): Extracted => ({
  ...{ title, author: null, parts },
  async [Symbol.asyncDispose]() {},
});

/** The picture as a thing that has words at most. */
async function* undecoded(bytes: Uint8Array, { said }: PictureHints): AsyncGenerator<Piece | Gap> {
  const locator = imageRegion({ left: 0, top: 0, width: 1, height: 1 });
  const digest = createHash('sha256').update(bytes).digest('hex');
  yield { modality: 'IMAGE', locator, text: said.join('\n') || null, digest };
  yield lacking('picture-decoder', 'The picture was not decoded: nothing that does it is loaded.', locator);
}
