import { askedWords, contentWords } from './words.ts';

/** What a question says of its answer. */
export interface Asked {
  /** The words that an answer should have, or words like them, by their stems. */
  readonly words: ReadonlyMap<string, string>;
  /** The words that name what is asked for, by their stems: without it nothing is answered. From 0 to 1. */
  readonly focus: ReadonlyMap<string, number>;
  /** Whether a text has what such a question is answered with, such as a number; null where anything may answer. */
  readonly expects: ((text: string) => boolean) | null;
  /** Whether a reason is asked for: it is often given by the sentence behind. */
  readonly asksWhy: boolean;
}

/** A question of more words than this describes what it is after, and no text has all of it. */
export const longQuestion = 6;

const measure =
  /\bhow (?:many|much|often|long|high|deep|tall|large|big|old|far|fast|wide|heavy|hot|cold|expensive|loud|strong|soon|quickly|small)\b|\b(?:which|what|how) (?:\w+ )?(?:temperature|torque|speed|number|size|weight|height|length|width|diameter|power|price|cost|distance|pressure|frequency|age|percentage|capacity|rate|amount)\b|\bwhat (?:is|was) the (?:\w+ )?(?:diameter|weight|height|length|width|efficiency|price|cost|speed|salary|temperature|time|power|size|capacity)\b/;
const asksTime = /^\W*(?:when|at what time|what time|(?:in |on )?which (?:year|month|day)|since when)\b/;
const asksReason = /\bwhy\b|\bwhat (?:is|was) the (?:reason|cause)\b|\bwhat (?:causes|caused)\b/;
const asksPerson = /^\W*(?:who|whom|whose|by whom|which (?:company|person|people))\b/;

const number =
  /\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|once|twice|half|dozen|daily|weekly|monthly|yearly|annually|hourly|every|each|free)\b/iu;
const time =
  /\b(?:\d{4}|\d{1,2}[:.]\d\d|jan\w*|feb\w*|march|apr\w*|may|june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*|\w+day|spring|summer|autumn|winter|weekly|daily|monthly|night|noon|morning|evening|yesterday|century|years?|months?|weeks?|days?|hours?|minutes|when|after|before|until|since|as soon)\b/iu;
const reason =
  /\b(?:because|cause[ds]?|since|due to|so that|reasons?|therefore|thus|otherwise|owing|results?|resulting|led to|in order)\b|, (?:so|or|as) /iu;
const person =
  /(?<![.!?:]\s|^)\b\p{Lu}[\p{L}.'’-]*\s+\p{Lu}\p{L}+|\b\p{Lu}\.\s?\p{Lu}\p{L}+|\b(?:manager|engineer|director|board|team|company|maker|people|person|staff|operator|owner|chief|president|author|inc|ltd)\b/u;

/** A text without the numbers that name or date it: `P-101`, `2023`, `02:40` at its beginning, `4.` of a list. */
const withoutNames = (text: string): string =>
  text
    .replace(/\b\p{Lu}+-?\d[\w-]*/gu, ' ')
    .replace(/\b(?:19|20)\d\d\b/g, ' ')
    .replace(/^\s*(?:\d\d:\d\d|#*\s*\d+\.(?!\d))/, ' ');

const auxiliary = 'did|does|do|was|were|is|are|has|have|must|can|should|will|may';
const asksWhether = new RegExp(`^\\W*(?:${auxiliary}|had|could|would)\\b`);
const inverts = new RegExp(`\\b(?:${auxiliary})\\b`);

/** Reads from a question what its answer must be about and what kind of thing it is. English. */
export function readQuestion(question: string): Asked {
  const text = question.toLowerCase().replace(/\s+/g, ' ');
  const words = askedWords(question);
  const asksWhy = asksReason.test(text);
  return {
    words,
    focus: words.size > longQuestion ? new Map() : focusOf(text, words, asksWhy),
    expects: expectationOf(text, asksWhy),
    asksWhy,
  };
}

function expectationOf(text: string, asksWhy: boolean): Asked['expects'] {
  if (measure.test(text)) return (answer) => number.test(withoutNames(answer));
  if (asksTime.test(text)) return (answer) => time.test(answer);
  if (asksWhy) return (answer) => reason.test(answer);
  return asksPerson.test(text) ? (answer) => person.test(answer) : null;
}

function focusOf(text: string, words: ReadonlyMap<string, string>, asksWhy: boolean): Map<string, number> {
  const focus = new Map<string, number>();
  const add = (phrase: string, weight: number) => {
    for (const stem of contentWords(phrase).keys()) if (words.has(stem)) focus.set(stem, weight);
  };
  const lastOf = (stems: Iterable<string>) => [...stems].at(-1);

  // What is *the salary* of the manager? Which is the *serial number*?
  const named =
    /^\W*(?:what|who|which|how \w+) (?:is|are|was|were|will be) (?:the|a|an) ([^,?]*?)(?: (?:of|for|in|on|at|from|to|between|that|which|with)\b|\W*$)/.exec(
      text,
    )?.[1];
  if (named) {
    const noun = lastOf(contentWords(named).keys());
    if (noun !== undefined && words.has(noun)) focus.set(noun, 1);
  }
  // How many *visitors* came? How *deep* is it?
  const counted = /\bhow (?:many|much) (\w+)/.exec(text)?.[1];
  if (counted && !inverts.test(counted)) add(counted, 1);
  const graded = /\bhow (\w+)/.exec(text)?.[1];
  if (graded && !/^(?:many|much)$/.test(graded) && !inverts.test(graded)) add(graded, 0.5);
  if (focus.size > 0) return focus;
  // Who *painted* it?
  const done = /^\W*who (\w+)/.exec(text)?.[1];
  if (done && !inverts.test(done)) add(done, 1);
  if (focus.size > 0 || !inverts.test(text) || asksWhether.test(text)) return focus;
  // How much did it *cost*? When was it *rebuilt*?
  const verb = lastOf(words.keys());
  // A reason is often given in words of its own.
  if (verb !== undefined && !/\d/.test(verb)) focus.set(verb, asksWhy ? 0.5 : 1);
  return focus;
}
