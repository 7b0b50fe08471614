import type { Zip } from './open-zip.ts';
import { scanWhole } from './scan-part.ts';

/** What an Office document says of itself. */
export async function readCoreProperties(
  zip: Zip,
): Promise<{ readonly title: string | null; readonly author: string | null }> {
  const texts = new Map<string, string>();
  let current = '';
  await scanWhole(zip, 'docProps/core.xml', {
    open: (name) => (current = name),
    close: () => (current = ''),
    text(text) {
      if (current === 'title' || current === 'creator') texts.set(current, (texts.get(current) ?? '') + text);
    },
  });
  return { title: texts.get('title')?.trim() || null, author: texts.get('creator')?.trim() || null };
}
