import type { AnswerEvent } from './follow-answer.ts';
import type { CitationFieldsFragment } from './operations.generated.ts';
import { count, excerpt, renderCoverage, renderLocator, renderMs } from './render.ts';
import type { Terminal } from './terminal.ts';

type Completed = Extract<AnswerEvent, { __typename: 'AnswerCompleted' }>;

/** Shows an answer to a person as it is made: its words as they come, then its sources and what it took. */
export class AnswerRenderer {
  readonly #terminal: Terminal;
  readonly #citations = new Map<number, CitationFieldsFragment>();
  #unsupported = false;
  /** The last character that was written. */
  #last = '';

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  render(event: AnswerEvent): void {
    switch (event.__typename) {
      case 'AnswerStarted':
      case 'RetrievalProgress':
        return;
      case 'TokenDelta':
        this.#write(event.text);
        return;
      case 'CitationAdded':
        this.#mark(event.citation);
        return;
      case 'AnswerCompleted':
        this.#finish(event);
        return;
      case 'AnswerFailed':
        this.interrupt();
        return;
    }
  }

  /** Ends the line, so that something else can be said. */
  interrupt(): void {
    if (this.#last !== '' && this.#last !== '\n') this.#write('\n');
  }

  #write(text: string): void {
    if (text === '') return;
    this.#terminal.write(text);
    this.#last = text.slice(-1);
  }

  #mark(citation: CitationFieldsFragment): void {
    const supported = citation.support !== 'UNSUPPORTED';
    if (supported) this.#citations.set(citation.index, citation);
    else this.#unsupported = true;
    const mark = supported ? `[${citation.index}]` : '[?]';
    // A mark stands behind its statement, and the next one begins with a space of its own or after ours.
    this.#write(/\s/.test(this.#last) ? `${mark} ` : ` ${mark}`);
  }

  #finish({ answer }: Completed): void {
    this.interrupt();
    const terminal = this.#terminal;
    if (answer.state === 'STOPPED')
      terminal.print(`(stopped${answer.reason === null ? '' : `: ${answer.reason}`})`);
    if (this.#citations.size > 0) {
      terminal.print();
      for (const citation of this.#citations.values()) {
        for (const line of renderCitation(citation)) terminal.print(line);
      }
    }
    if (this.#unsupported) terminal.print('[?] No passage was found that says this.');
    terminal.print();
    if (answer.usage !== null) {
      const { promptTokens, completionTokens, costMicroUsd, firstTokenMs, totalMs } = answer.usage;
      const parts = [
        ...(answer.style === 'EXTRACTIVE'
          ? ['In the passages’ own words']
          : [
              `Written by ${answer.model}`,
              `${count(promptTokens, 'prompt token')} and ${count(completionTokens, 'token')} of answer`,
            ]),
        ...(costMicroUsd === null ? [] : [`$${(costMicroUsd / 1e6).toFixed(6)}`]),
        ...(firstTokenMs === null ? [] : [`first word after ${renderMs(firstTokenMs)}`]),
        `${renderMs(totalMs)} in all`,
      ];
      terminal.print(`${parts.join(' · ')}`);
    }
    if (answer.coverage !== null) terminal.print(`${renderCoverage(answer.coverage)}.`);
    terminal.print(`Answer ${answer.id}`);
  }
}

/** A citation for people: its number, document and place, and the passage's own words. */
export function renderCitation({ index, chunk, locator, quote, support }: CitationFieldsFragment): string[] {
  const title = chunk?.document.title ?? '(a document that was deleted since)';
  const place = locator === null ? '' : `, ${renderLocator(locator)}`;
  const source = chunk?.document.source ?? null;
  return [
    `[${index}] ${title}${place}${source === null ? '' : ` · ${source}`} (${support.toLowerCase()})`,
    ...(quote === null ? [] : [`    “${excerpt(quote, 300)}”`]),
  ];
}
