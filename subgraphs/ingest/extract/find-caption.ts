import type { Box } from '../../../platform/types.ts';
import type { Line } from '../types.ts';

/** How captions of pictures begin, in the languages of many manuals: "Figure 3: …", "Abb. 2 …". */
const figure =
  /^(?:fig(?:ure|\.)?|abb(?:ildung|\.)?|bild|foto|picture|photo(?:graph)?|diagram|drawing|chart|plate|image|schematic|plan|figura|schéma)\s*[\dA-Z]/i;
const table = /^(?:tab(?:le|elle|\.)?|tabla|tableau)\s*[\dA-Z]/i;

/** A caption stands within this part of the page's height of what it is the caption of. */
const near = 0.06;
const maxCharacters = 500;

/** The caption of a picture on a page: the lines below or above it that begin as captions do; null where there is none. */
export const captionOfPicture = (text: string, lines: readonly Line[], box: Box): string | null =>
  caption(text, lines, box, figure, ['below', 'above']);

/** The caption of a table, which stands above it, or below. */
export const captionOfTable = (text: string, lines: readonly Line[], box: Box): string | null =>
  caption(text, lines, box, table, ['above', 'below']);

function caption(
  text: string,
  lines: readonly Line[],
  box: Box,
  begins: RegExp,
  places: readonly ('above' | 'below')[],
): string | null {
  const bottom = box.top + box.height;
  for (const place of places) {
    const first = lines.findIndex((line) => {
      const middle = line.box.top + line.box.height / 2;
      const distance = place === 'below' ? line.box.top - bottom : box.top - (line.box.top + line.box.height);
      const isBeyond = place === 'below' ? middle > bottom : middle < box.top;
      const isBeside = line.box.left > box.left + box.width || line.box.left + line.box.width < box.left;
      return isBeyond && distance < near && !isBeside && begins.test(text.slice(line.start, line.end));
    });
    const begin = lines[first];
    if (begin === undefined) continue;
    let end = begin;
    for (const line of lines.slice(first + 1)) {
      const gap = line.box.top - (end.box.top + end.box.height);
      // It goes on in lines that follow closely, and ends with a sentence where they do not.
      const reaches = place === 'above' && line.box.top + line.box.height > box.top;
      if (reaches || gap > 0.6 * end.box.height || gap < -end.box.height) break;
      if (line.end - begin.start > maxCharacters || begins.test(text.slice(line.start, line.end))) break;
      end = line;
    }
    return text.slice(begin.start, end.end).replace(/\s+/g, ' ').slice(0, maxCharacters);
  }
  return null;
}
