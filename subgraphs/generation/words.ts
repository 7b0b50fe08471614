/** Words that say nothing about what a text is about. */
const stopWords = new Set(
  `a about above after again all also am an and any are as at be because been before being below between both but by can
  could did do does doing down during each few for from further had has have having he her here hers him his how i if in
  into is it its itself just me more most must my no nor not now of off on once only or other our ours out over own per
  same shall she should so some such than that the their theirs them then there these they this those through to too
  under until up upon us very was we were what when where which while who whom whose why will with would you your yours
  tell explain describe give know say says please`.split(/\s+/),
);

/** A text's words in lower case, numbers with their decimals among them. */
export const wordsOf = (text: string): string[] =>
  Array.from(
    text
      .normalize('NFKC')
      .toLowerCase()
      .matchAll(/\p{N}+(?:[.,]\p{N}+)*|[\p{L}\p{M}]+(?:[\p{L}\p{M}\p{N}'’-]*[\p{L}\p{M}\p{N}])?/gu),
    ([word]) => word,
  );

/** A word without the commonest English endings, so that `serviced` and `services` meet. */
export function stem(word: string): string {
  if (/\p{N}/u.test(word) || word.length < 4) return word;
  return word
    .replace(/['’]s$/, '')
    .replace(/(?:ies|ied)$/, 'y')
    .replace(/(ss|sh|ch|x)es$/, '$1')
    .replace(/([^s])s$/, '$1')
    .replace(/(?<=.{3})(?:ing|ed|ly)$/, '')
    .replace(/(?<=.{3})e$/, '');
}

/** The stems of a text's words that say what it is about, each once. */
export const contentStems = (text: string): Set<string> =>
  new Set(
    wordsOf(text)
      .filter((word) => !stopWords.has(word))
      .map(stem),
  );

/** How much of `wanted` is in `text`, 0 to 1; 0 where nothing is wanted. Longer words weigh a little more. */
export function overlap(wanted: ReadonlySet<string>, text: ReadonlySet<string>): number {
  let whole = 0;
  let shared = 0;
  for (const word of wanted) {
    const weight = Math.min(8, word.length) + 2;
    whole += weight;
    if (text.has(word)) shared += weight;
  }
  return whole === 0 ? 0 : shared / whole;
}

/** The inner product of two vectors of the same dimension. */
export function innerProduct(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < one.length; index++) sum += (one[index] ?? 0) * (other[index] ?? 0);
  return sum;
}
