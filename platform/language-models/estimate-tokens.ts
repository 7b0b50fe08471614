/**
 * Counts a text's tokens where the model's tokenizer is not known: more than the usual tokenizers make of
 * prose and code, about one and a half times as many for English. Words count a token for each three letters,
 * long runs and runs of mixed case one for each two; digits and signs one each; other scripts their bytes.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [run] of text.matchAll(/[A-Za-z]+|[^\S ]| {2,}|[!-@[-`{-~]|\P{ASCII}+/gu)) {
    if (/^[A-Za-z]/.test(run)) {
      const isPlain = run.length <= 16 && !/[a-z][A-Z]|[A-Z]{3}/.test(run) && /[aeiouyAEIOUY]/.test(run);
      tokens += Math.ceil(run.length / (isPlain ? 3 : 1.5));
    } else tokens += /^\P{ASCII}/u.test(run) ? Buffer.byteLength(run) : 1;
  }
  return tokens;
}
