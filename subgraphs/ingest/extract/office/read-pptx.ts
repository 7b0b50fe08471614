import type { Extracted, Part } from '../../types.ts';
import { readCoreProperties } from './core-properties.ts';
import { enclosedPicture } from './enclosed-picture.ts';
import { brokenOffice, openZip, type Zip } from './open-zip.ts';
import { readSlide } from './read-slide.ts';
import { readRelations, scanWhole } from './scan-part.ts';
import { attribute } from './xml-scanner.ts';

const maxSlides = 5_000;
const maxPictureBytes = 64 * 1024 * 1024;
const main = 'ppt/presentation.xml';

/** What pictures are read with; see `enclosedPicture`. */
type PictureReaders = Parameters<typeof enclosedPicture>[1];

/**
 * Reads a presentation, a slide at a time: its title, its text, its notes, and its pictures. A slide is what a page is
 * elsewhere. A picture that stands on several slides is read once.
 *
 * @throws TributaryError `REJECTED_INPUT` as `openZip` and the scanner of XML do; also while the parts are gone through.
 */
export async function readPptx(
  bytes: Uint8Array,
  readers: PictureReaders,
  signal: AbortSignal,
): Promise<Extracted> {
  const zip = await openZip(bytes);
  try {
    const { title, author } = await readCoreProperties(zip);
    const slides = await slidesOf(zip);
    const [first] = slides;
    const firstTitle = first === undefined ? null : (await readSlide(zip, first)).title;
    return {
      title: title !== null && !/^powerpoint[ -]/i.test(title) ? title : firstTitle,
      author,
      parts: partsOf(zip, slides, readers, signal),
      [Symbol.asyncDispose]: () => zip[Symbol.asyncDispose](),
    };
  } catch (error) {
    await zip[Symbol.asyncDispose]();
    throw error;
  }
}

async function* partsOf(
  zip: Zip,
  slides: readonly string[],
  readers: PictureReaders,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  const seen = new Set<string>();
  for (const [index, part] of slides.entries()) {
    signal.throwIfAborted();
    const number = index + 1;
    const { text, pictures } = await readSlide(zip, part);
    if (text !== '') yield { text, page: { number, lines: [] } };
    for (const { target, said } of pictures) {
      if (seen.has(target)) continue;
      seen.add(target);
      const bytes = await zip.read(target, maxPictureBytes);
      if (bytes === null) continue;
      const locator = { kind: 'PageRegion', page: number, box: null } as const;
      yield* enclosedPicture({ bytes, locator, said: [said] }, readers, signal);
    }
  }
}

/** The slides' parts, in the order in which they are shown. */
async function slidesOf(zip: Zip): Promise<string[]> {
  const relations = await readRelations(zip, main);
  const slides: string[] = [];
  const there = await scanWhole(zip, main, {
    open(name, attributes) {
      if (name !== 'sldId') return;
      // Its own number is `id`, too; the other one has a prefix.
      const id = /\s[\w-]+:id\s*=\s*["']([^"']+)["']/.exec(attributes)?.[1] ?? attribute(attributes, 'id');
      const relation = relations.get(id ?? '');
      if (relation?.type === 'slide' && zip.has(relation.target)) slides.push(relation.target);
    },
  });
  if (!there || slides.length > maxSlides) {
    throw brokenOffice(null, there ? `it has more than ${maxSlides} slides` : 'it has no slides');
  }
  return slides;
}
