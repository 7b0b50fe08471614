const consonantOrVowel = (word: string): string =>
  word
    .replace(/[^aeiouy]/g, 'c')
    .replace(/[aeiou]/g, 'v')
    .replace(/y/g, (_, at: number, whole: string) => {
      const before = whole[at - 1];
      return at > 0 && before !== undefined && before !== 'v' && before !== 'y' ? 'v' : 'c';
    });

/** How many times a vowel is followed by a consonant: the measure of Porter's paper. */
const measure = (stem: string): number => consonantOrVowel(stem).match(/v+c+/g)?.length ?? 0;
const hasVowel = (stem: string): boolean => consonantOrVowel(stem).includes('v');
const endsShort = (stem: string): boolean => consonantOrVowel(stem).endsWith('cvc') && !/[wxy]$/.test(stem);

type Rule = readonly [suffix: string, replacement: string];

const step2: readonly Rule[] = [
  ['ational', 'ate'],
  ['ization', 'ize'],
  ['iveness', 'ive'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['tional', 'tion'],
  ['biliti', 'ble'],
  ['entli', 'ent'],
  ['ousli', 'ous'],
  ['ation', 'ate'],
  ['alism', 'al'],
  ['aliti', 'al'],
  ['iviti', 'ive'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['izer', 'ize'],
  ['alli', 'al'],
  ['ator', 'ate'],
  ['bli', 'ble'],
  ['eli', 'e'],
];
const step3: readonly Rule[] = [
  ['icate', 'ic'],
  ['ative', ''],
  ['alize', 'al'],
  ['iciti', 'ic'],
  ['ical', 'ic'],
  ['ness', ''],
  ['ful', ''],
];
const step4 = /(?:ement|ment|able|ible|ance|ence|(?<=[st])ion|ant|ent|ism|ate|iti|ous|ive|ize|al|er|ic|ou)$/;

const replaceSuffix = (word: string, rules: readonly Rule[]): string => {
  const rule = rules.find(([suffix]) => word.endsWith(suffix));
  if (rule === undefined) return word;
  const stem = word.slice(0, -rule[0].length);
  return measure(stem) > 0 ? stem + rule[1] : word;
};

/**
 * The stem of an English word in lower case: Porter's algorithm ("An algorithm for suffix stripping",
 * Program 14, 1980). Words of other scripts come back as they are.
 */
export function stem(word: string): string {
  if (word.length < 3 || !/^[a-z]+$/.test(word)) return word;
  let stemmed = word
    .replace(/sses$/, 'ss')
    .replace(/ies$/, 'i')
    .replace(/([^s])s$/, '$1');
  const past = /^(.*?)(ed|ing)$/.exec(stemmed);
  if (/eed$/.test(stemmed)) {
    if (measure(stemmed.slice(0, -3)) > 0) stemmed = stemmed.slice(0, -1);
  } else if (past?.[1] !== undefined && hasVowel(past[1])) {
    stemmed = past[1];
    if (/(?:at|bl|iz)$/.test(stemmed)) stemmed += 'e';
    else if (/([^aeiou])\1$/.test(stemmed) && !/[lsz]$/.test(stemmed)) stemmed = stemmed.slice(0, -1);
    else if (measure(stemmed) === 1 && endsShort(stemmed)) stemmed += 'e';
  }
  if (stemmed.endsWith('y') && hasVowel(stemmed.slice(0, -1))) stemmed = `${stemmed.slice(0, -1)}i`;
  stemmed = replaceSuffix(replaceSuffix(stemmed, step2), step3);
  const long = step4.exec(stemmed);
  if (long !== null && measure(stemmed.slice(0, long.index)) > 1) stemmed = stemmed.slice(0, long.index);
  if (stemmed.endsWith('e')) {
    const rest = stemmed.slice(0, -1);
    if (measure(rest) > 1 || (measure(rest) === 1 && !endsShort(rest))) stemmed = rest;
  }
  return stemmed.endsWith('ll') && measure(stemmed) > 1 ? stemmed.slice(0, -1) : stemmed;
}
