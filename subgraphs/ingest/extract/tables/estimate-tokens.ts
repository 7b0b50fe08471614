/** From here on, a character mostly is a word of its own: the scripts of East Asia. */
const firstIdeograph = 0x2e80;

/**
 * About how many tokens a text has for encoders with subword vocabularies, rather too many than too few: words of
 * Latin letters by their length, digits by twos, every other character by itself.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  let letters = 0;
  let others = 0;
  let digits = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? 0x20 : text.charCodeAt(at);
    const isDigit = code >= 0x30 && code <= 0x39;
    const isLatin = (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
    const isOther = code >= 0xc0 && code < firstIdeograph;
    if (isLatin || (isOther && code < 0x250)) letters++;
    else if (isOther) others++;
    else if (letters + others > 0) {
      tokens += Math.ceil(letters / 5 + others / 2);
      letters = 0;
      others = 0;
    }
    if (isDigit) digits++;
    else if (digits > 0) {
      tokens += Math.ceil(digits / 2);
      digits = 0;
    }
    if (!isDigit && !isLatin && !isOther && code > 0x20) tokens++;
  }
  return tokens;
}
