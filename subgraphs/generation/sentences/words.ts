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

/** Words that stand beside what is asked for without saying what it is. */
const lightWords = new Set(
  `any anyone anything come ever get gets got happen happened happens kind long many may might much need needed needs often
  one place required someone something sort take takes type`.split(/\s+/),
);

/** Months as logs and tables shorten them; those that are words themselves are left out. */
const months = new Map(
  `january february april august september october november december`
    .split(' ')
    .map((month) => [month.slice(0, 3), month]),
).set('sept', 'september');

/** A word without the commonest English endings, so that `serviced` and `services`, `use` and `used` meet. */
export function stem(word: string): string {
  if (/\p{N}/u.test(word) || word.length < 3) return word;
  let stemmed = word
    .replace(/['’]s?$/, '')
    .replace(/(?:ies|ied)$/, 'y')
    .replace(/(ss|sh|ch|x|z)es$/, '$1')
    .replace(/([^su])s$/, '$1')
    .replace(/eed$/, 'ee');
  const root = /^(.*[aeiouy].*)(?:ing|ed)$/.exec(stemmed)?.[1];
  // `run` of `running`, but `fall` of `falling`.
  if (root && root.length > 1 && /[^aeiou]$/.test(root)) stemmed = root.replace(/([^aeioulsz])\1$/, '$1');
  if (stemmed.length > 4) stemmed = stemmed.replace(/ly$/, '');
  return stemmed.length > 2 ? stemmed.replace(/e$/, '') : stemmed;
}

/** A text's words that say what it is about, each once, by their stems; `self-test` is two words, `P-101` is one. */
export function contentWords(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const whole of wordsOf(text)) {
    for (const part of /\p{N}/u.test(whole) ? [whole] : whole.split('-')) {
      const word = months.get(part) ?? part;
      if (word !== '' && !stopWords.has(word)) found.set(stem(word), word);
    }
  }
  return found;
}

/** `contentWords` without those that only stand beside what is asked for, unless there are no others. */
export function askedWords(question: string): Map<string, string> {
  const words = contentWords(question);
  const telling = new Map([...words].filter(([, word]) => !lightWords.has(word)));
  return telling.size > 0 ? telling : words;
}

/** The stems of `contentWords`. */
export const contentStems = (text: string): Set<string> => new Set(contentWords(text).keys());

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
