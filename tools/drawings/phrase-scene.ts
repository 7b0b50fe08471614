import type { Random } from './random.ts';
import { distinct, withArticle } from './words.ts';

/** Says a thing in many ways: as caption, as title, as question. `thing` makes it anew each time. */
export function captionsOf(random: Random, thing: () => string, pictureWords: readonly string[]): string[] {
  const word = (): string => random.pick(pictureWords);
  const wordings: (() => string)[] = [
    () => thing(),
    () => thing(),
    () => `${word()} of ${thing()}`,
    () => `${withArticle(word())} of ${thing()}`,
    () => `the ${word()} shows ${thing()}`,
    () => `${withArticle(word())} with ${thing()}`,
    () => `Where is the ${word()} of ${thing()}?`,
    () => `Show me ${thing()}`,
    () => `show the ${word()} with ${thing()}`,
    () => `Is there a ${word()} of ${thing()}?`,
    () => `find ${thing()}`,
    () => `Which ${word()} shows ${thing()}?`,
  ];
  return distinct([thing(), ...random.some(wordings, 5).map((say) => say())]);
}

/** The wordings that are kept from the training. */
export function queriesOf(random: Random, thing: () => string, pictureWords: readonly string[]): string[] {
  const word = (): string => random.pick(pictureWords);
  const wordings: (() => string)[] = [
    () => `I am looking for the ${word()} on which one sees ${thing()}.`,
    () => `Please open the page where ${thing()} can be seen`,
    () => `Do we have any ${word()} that contains ${thing()}?`,
    () => `In what ${word()} did they draw ${thing()}?`,
    () => `need ${word()}: ${thing()}`,
  ];
  return distinct(random.some(wordings, 3).map((say) => say()));
}
