/** What cameras and programs write where a person would describe the picture. */
const written =
  /^(?:olympus digital camera|sony dsc|minolta digital camera|konica minolta.*|samsung.*camera.*|kodak.*camera.*|dcim.*|dsc[_\d]*|img[_\d]*|default|untitled|screenshot|image|picture|photo|created with .*|.*\.(?:jpe?g|png|tiff?|gif|psd|svg|webp))$/i;

const maxCharacters = 2000;

/**
 * One caption of all that a file says of what it shows: each text once, those left out that say nothing or that are a part
 * of another one.
 *
 * @returns null where nothing is said.
 */
export function joinCaptions(texts: readonly string[]): string | null {
  const tidied = texts
    .map((text) =>
      text
        .replace(/[\s\0]+/g, ' ')
        .trim()
        .slice(0, maxCharacters)
        .replace(/\p{Surrogate}/gu, '\ufffd'),
    )
    .filter((text) => /[\p{L}\p{N}]/u.test(text) && !written.test(text));
  const unique = [...new Set(tidied)];
  const lowered = unique.map((text) => text.toLowerCase());
  const kept = unique.filter(
    (_, index) => !lowered.some((other, at) => at !== index && other.includes(lowered[index] ?? '')),
  );
  return (
    kept
      .join('\n')
      .slice(0, maxCharacters)
      .replace(/\p{Surrogate}/gu, '\ufffd') || null
  );
}
