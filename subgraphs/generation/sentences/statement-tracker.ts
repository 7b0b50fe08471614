import type { Range } from '../types.ts';
import { splitSentences } from './split-sentences.ts';

/** Finds the sentences of a text that grows, each once, as soon as it is certain where it ends. */
export class StatementTracker {
  #from: number;

  /** @param from sentences that end here or before it have been taken already. */
  constructor(from: number) {
    this.#from = from;
  }

  /**
   * The sentences that have ended since the last call. Where a sentence ends is certain once a word follows
   * it, or `isEnd` says that nothing more comes.
   */
  take(text: string, isEnd: boolean): Range[] {
    const ranges = splitSentences(text.slice(this.#from)).map(({ start, end }) => ({
      start: start + this.#from,
      end: end + this.#from,
    }));
    const taken: Range[] = [];
    for (const range of ranges) {
      if (!isEnd && !/\p{L}/u.test(text.slice(range.end))) break;
      this.#from = range.end;
      if (/[\p{L}\p{N}]/u.test(text.slice(range.start, range.end).replace(/\[\d+\]/g, ''))) taken.push(range);
    }
    return taken;
  }
}
