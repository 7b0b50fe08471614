/** Takes from a text that goes on with `prefix` what it repeats of it. */
export interface RepetitionFilter {
  /** The next piece of the text; returns what of the text so far is new and was not returned before. */
  push(text: string): string;
  /** The text has ended; returns what was held back. */
  end(): string;
}

/**
 * A model that was asked to go on may begin anew instead. While what it says is the beginning of `prefix`, it
 * is held back; once all of `prefix` was said again, it is left out, and if it says something else, nothing is.
 */
export function swallowRepetition(prefix: string): RepetitionFilter {
  let held = '';
  let decided = prefix === '';
  return {
    push(text) {
      if (decided) return text;
      held += text;
      const said = held.trimStart();
      const begun = prefix.trimStart();
      if (said.length < begun.length && begun.startsWith(said)) return '';
      decided = true;
      return said.startsWith(begun) ? said.slice(begun.length) : held;
    },
    end() {
      // A repetition that broke off adds nothing.
      const rest = decided || held.length > 20 ? '' : held;
      decided = true;
      return rest;
    },
  };
}
