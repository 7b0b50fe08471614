/** Text that every store takes: without zeros and halves of characters, which no text has and escapes can name. */
export const cleanText = (text: string): string =>
  text.replaceAll('\0', ' ').replace(/\p{Surrogate}/gu, '\ufffd');
