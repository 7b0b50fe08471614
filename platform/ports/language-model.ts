export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface LanguageModelDescription {
  /** The model's name, for people and for `AnswerStarted.model`. */
  readonly model: string;
  /** The most tokens of prompt and answer together. */
  readonly contextTokens: number;
  /** Whether it is good enough to write answers (`GENERATED`) by default. */
  readonly answersWell: boolean;
}

export interface GenerateOptions {
  readonly messages: readonly ChatMessage[];
  /** Text that the answer already begins with: the model goes on behind it and does not repeat it. */
  readonly prefix?: string;
  readonly maxTokens: number;
  readonly signal: AbortSignal;
}

/** A piece of the answer; the last one carries the usage. */
export type ModelEvent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'end'; readonly promptTokens: number; readonly completionTokens: number };

/** Streams an answer. Leaving the `for await` loop, or aborting the signal, stops the model's work. */
export interface LanguageModel extends AsyncDisposable {
  readonly description: LanguageModelDescription;
  /** Counts tokens as the model does, or a safe overestimate where its tokenizer is not known. */
  countTokens(text: string): Promise<number>;
  /** @throws TributaryError `UPSTREAM` when the model cannot be reached or breaks off. Greedy: the same input gives the same text. */
  generate(options: GenerateOptions): AsyncIterable<ModelEvent>;
}
