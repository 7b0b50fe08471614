/** Letters of one word, digits, white space, or one other character. */
const runs = /\p{L}+|\p{N}+|\s+|[^\p{L}\p{N}\s]/gu;

/**
 * About how many tokens a text has for encoders with subword vocabularies, rather too many than too few: words of
 * Latin letters by their length, digits by twos, every other character by itself.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [run] of text.matchAll(runs)) {
    const code = run.charCodeAt(0);
    if (code >= 0x2e80) tokens += run.length;
    else if (/\s/.test(run)) continue;
    else if (/\p{N}/u.test(run)) tokens += Math.ceil(run.length / 2);
    else tokens += code < 0x250 ? Math.ceil(run.length / 5) : Math.ceil(run.length / 2);
  }
  return tokens;
}
