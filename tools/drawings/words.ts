import type { Random } from './random.ts';

const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

/** `a`, or `an` before a vowel. */
export function withArticle(noun: string): string {
  return `${/^[aeio]/i.test(noun) ? 'an' : 'a'} ${noun}`;
}

/** The plural of the last word. */
export function plural(noun: string): string {
  if (/(s|x|ch|sh)$/.test(noun)) return `${noun}es`;
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return `${noun}s`;
}

/** The number as a word, up to eight. */
export function numberWord(count: number): string {
  return numbers[count] ?? String(count);
}

/** `a pump`, `two pumps` or, now and then, `2 pumps`. */
export function counted(random: Random, count: number, noun: string): string {
  if (count === 1) return random.chance(0.85) ? withArticle(noun) : `one ${noun}`;
  return `${random.chance(0.8) ? numberWord(count) : count} ${plural(noun)}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** Takes repeated phrases away. */
export function distinct(phrases: readonly string[]): string[] {
  return [...new Set(phrases.map((phrase) => phrase.replace(/\s+/g, ' ').trim()))];
}
