/** What a part of a file says in words: how the picture is called, and what it shows. */
export interface FileWords {
  readonly titles: readonly string[];
  readonly descriptions: readonly string[];
}

export const noWords: FileWords = { titles: [], descriptions: [] };

/** What cameras and programs write where a person would describe the picture. */
const written =
  /^(?:olympus digital camera|sony dsc|minolta digital camera|konica minolta.*|samsung.*camera.*|kodak.*camera.*|dcim.*|dsc[_\d]*|img[_\d]*|default|untitled|screenshot|image|picture|photo|created with .*|%\d+|.*\.(?:jpe?g|png|tiff?|gif|psd|svg|webp))$/i;

const maxCharacters = 2000;

/** A text that says something, as one line; null otherwise. */
export function tidyCaption(text: string): string | null {
  const tidied = text
    .replace(/[\s\0]+/g, ' ')
    .trim()
    .slice(0, maxCharacters)
    .replace(/\p{Surrogate}/gu, '\ufffd');
  return /[\p{L}\p{N}]/u.test(tidied) && !written.test(tidied) ? tidied : null;
}

/**
 * One caption of all that a file says of what it shows: each text once, those left out that say nothing or that are a part
 * of another one.
 *
 * @returns null where nothing is said.
 */
export function joinCaptions(texts: readonly string[]): string | null {
  const unique = [...new Set(texts.flatMap((text) => tidyCaption(text) ?? []))];
  const lowered = unique.map((text) => text.toLowerCase());
  const kept = unique.filter((_, index) => {
    const own = lowered[index] ?? '';
    return !lowered.some((other, at) => (other === own ? at < index : other.includes(own)));
  });
  return (
    kept
      .join('\n')
      .slice(0, maxCharacters)
      .replace(/\p{Surrogate}/gu, '\ufffd') || null
  );
}
