import { TributaryError } from '../../../../platform/errors.ts';
import type { Locator } from '../../../../platform/types.ts';
import type { Derivations } from '../../derivations.ts';
import type { MediaReaders } from '../../extract.ts';
import type { Gap, Piece } from '../../types.ts';
import { lacking } from '../lacking.ts';
import { picturePieces, shownSide } from '../picture-pieces.ts';

/** A picture within a document. */
export interface EnclosedPicture {
  readonly bytes: Uint8Array;
  /** Where it stands. */
  readonly locator: Locator;
  /** What the document says of it: its alternative text, its caption, its name. */
  readonly said: readonly string[];
}

/**
 * A picture of a document as pieces of it. One that cannot be decoded is a gap, and what is said of it is found all the
 * same.
 */
export async function* enclosedPicture(
  { bytes, locator, said }: EnclosedPicture,
  { pictures = null, textReader = null, derivations }: MediaReaders & { readonly derivations: Derivations },
  signal: AbortSignal,
): AsyncGenerator<Piece | Gap> {
  const words = said.map((text) => text.trim()).filter((text) => text !== '');
  const inWords = (): Piece[] =>
    words.length === 0 ? [] : [{ modality: 'IMAGE', locator, text: words.join('\n'), digest: null }];
  if (pictures === null) {
    yield* inWords();
    yield lacking(
      'picture-decoder',
      'A picture in it was not decoded: nothing that does it is loaded.',
      locator,
    );
    return;
  }
  try {
    const picture = await pictures.decode(bytes, { maxSide: shownSide }, signal);
    const readers = { pictures, textReader, derivations };
    yield* picturePieces(picture, bytes, () => locator, { said: words, isDrawing: null }, readers, signal);
  } catch (error) {
    if (!(error instanceof TributaryError) || error.code !== 'REJECTED_INPUT') throw error;
    yield* inWords();
    yield {
      code: 'PICTURE_UNREADABLE',
      message: `A picture in it cannot be read. ${error.publicMessage}`,
      locator,
    };
  }
}
