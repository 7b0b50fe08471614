import { rejected } from '../../../platform/errors.ts';
import type { Gap } from '../types.ts';

/** The content was read, and there is nothing in it to be found. */
export function noText(gaps: readonly Gap[]) {
  const hasPages = gaps.some(({ locator }) => locator?.kind === 'PageRegion');
  return rejected(
    'NO_TEXT',
    hasPages
      ? 'No page has text that can be read: the pages are empty, pictures, or damaged. Send a PDF with text, such as one that went through text recognition.'
      : (gaps[0]?.message ?? 'The content has no text that a reader would see. Send content with text.'),
  );
}
