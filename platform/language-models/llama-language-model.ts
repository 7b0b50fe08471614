import { open } from 'node:fs/promises';
import {
  type ChatHistoryItem,
  type ChatWrapper,
  getLlama,
  type Llama,
  type LlamaContext,
  type LlamaContextSequence,
  LlamaLogLevel,
  type LlamaModel,
  resolveChatWrapper,
  type Token,
} from 'node-llama-cpp';
import { rejected, TributaryError, upstream } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type {
  ChatMessage,
  GenerateOptions,
  LanguageModel,
  LanguageModelDescription,
  ModelEvent,
} from '../ports/language-model.ts';
import { type Loan, WaitingLine } from './waiting-line.ts';

export interface LlamaLanguageModelOptions {
  /** The path of the GGUF file. */
  readonly file: string;
  /** The model's name, for people. */
  readonly model: string;
  /** How many threads one step uses. */
  readonly threads: number;
  /** The most tokens of prompt and answer together; what the model was trained for is never exceeded. */
  readonly contextTokens: number;
  /** Whether it is good enough to write answers by default. */
  readonly answersWell: boolean;
  readonly logger: Logger;
  /** Whether to use a GPU where there is one; not by default. */
  readonly gpu?: boolean;
  /** How many answers are written at once, each with a context of its own; 2 by default. */
  readonly parallel?: number;
  /** How many more may wait; 64 by default. */
  readonly maxWaiting?: number;
}

/** A prompt is read in pieces of this many tokens, so that an abort stops it between two of them. */
const promptPiece = 128;
/** Bytes that are no text yet are held back for at most this many tokens. */
const maxHeldTokens = 4;

const levels = {
  [LlamaLogLevel.fatal]: 'error',
  [LlamaLogLevel.error]: 'error',
  [LlamaLogLevel.warn]: 'debug',
} as const;

/**
 * A local model from a GGUF file, run in this process by llama.cpp, asked through its own chat template.
 * Memory is taken once: further answers wait in line for one of `parallel` contexts.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `MODEL_UNREADABLE` when the file cannot be loaded.
 */
export async function createLlamaLanguageModel(options: LlamaLanguageModelOptions): Promise<LanguageModel> {
  const { file, threads, logger, gpu = false, parallel = 2, maxWaiting = 64 } = options;
  await checkHeader(file);
  const llama = await getLlama({
    gpu: gpu ? 'auto' : false,
    build: 'never',
    maxThreads: threads,
    logLevel: LlamaLogLevel.warn,
    logger: (level, message) => {
      const name = level in levels ? levels[level as keyof typeof levels] : 'trace';
      logger[name]({ service: 'llama.cpp' }, message.trim());
    },
  });
  try {
    const model = await llama.loadModel({ modelPath: file });
    const contextTokens = Math.min(options.contextTokens, model.trainContextSize);
    const context = await model.createContext({
      contextSize: contextTokens,
      sequences: parallel,
      threads,
      flashAttention: false,
    });
    const sequences = Array.from({ length: parallel }, () => context.getSequence());
    return new LlamaLanguageModel(
      { model: options.model, contextTokens, answersWell: options.answersWell },
      { llama, model, context, wrapper: resolveChatWrapper(model, { warningLogs: false }) },
      new WaitingLine(sequences, maxWaiting),
    );
  } catch (error) {
    await llama.dispose();
    if (error instanceof TributaryError) throw error;
    throw unreadable(file, error instanceof Error ? error.message : String(error), error);
  }
}

const unreadable = (file: string, why: string, cause?: unknown) =>
  rejected(
    'MODEL_UNREADABLE',
    `The language model ${file} cannot be loaded: ${why}. It must be a whole GGUF file of a chat model.`,
    { cause },
  );

/** Looks at a file's first bytes: the library reads a file that is none of its own for minutes. */
async function checkHeader(file: string): Promise<void> {
  const header = Buffer.alloc(8);
  try {
    await using handle = await open(file);
    await handle.read(header, 0, header.length, 0);
  } catch (error) {
    throw unreadable(file, error instanceof Error ? error.message : String(error), error);
  }
  const version = header.readUInt32LE(4);
  if (header.toString('latin1', 0, 4) !== 'GGUF' || version < 2 || version > 3) {
    throw unreadable(file, 'it does not begin as a GGUF file of version 2 or 3 does');
  }
}

interface Native {
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly context: LlamaContext;
  readonly wrapper: ChatWrapper;
}

class LlamaLanguageModel implements LanguageModel {
  readonly description: LanguageModelDescription;
  readonly #native: Native;
  readonly #line: WaitingLine<LlamaContextSequence>;
  readonly #closing = new AbortController();
  /** Sequences that still work on what nobody waits for any more. */
  readonly #settling = new Set<Promise<void>>();

  constructor(
    description: LanguageModelDescription,
    native: Native,
    line: WaitingLine<LlamaContextSequence>,
  ) {
    this.description = description;
    this.#native = native;
    this.#line = line;
  }

  async countTokens(text: string): Promise<number> {
    return this.#native.model.tokenize(text).length;
  }

  async *generate(options: GenerateOptions): AsyncGenerator<ModelEvent, void, undefined> {
    const { model } = this.#native;
    const { prefix = '', maxTokens } = options;
    const stopped = new AbortController();
    const signal = AbortSignal.any([options.signal, this.#closing.signal, stopped.signal]);
    const prompt = this.#tokenize(options.messages, prefix);
    const room = this.description.contextTokens - prompt.length;
    if (room < 1) {
      throw rejected(
        'PROMPT_TOO_LONG',
        `The prompt has ${prompt.length} tokens; the model takes ${this.description.contextTokens} for prompt and answer together.`,
      );
    }
    const loan = await this.#line.borrow(signal);
    const tokens = this.#evaluate(loan.thing, prompt, signal);
    let completionTokens = 0;
    try {
      const limit = Math.min(maxTokens, room);
      let written: Token[] = [];
      let held: Token[] = [];
      while (completionTokens < limit) {
        const { done, value } = await orAbort(tokens.next(), signal);
        if (done || model.isEogToken(value)) break;
        completionTokens++;
        held.push(value);
        const text = model.detokenize(held, false, written);
        if (text.endsWith('\uFFFD') && held.length < maxHeldTokens) continue;
        written = [...written.slice(-8), ...held];
        held = [];
        if (text !== '') yield { kind: 'text', text };
      }
      if (held.length > 0) yield { kind: 'text', text: model.detokenize(held, false, written) };
      const promptTokens = prompt.length - (prefix === '' ? 0 : model.tokenize(prefix).length);
      yield { kind: 'end', promptTokens, completionTokens };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof TributaryError) throw error;
      throw upstream('language-model', 'The language model failed while writing. Please ask again.', error);
    } finally {
      stopped.abort();
      this.#settle(tokens, loan);
    }
  }

  /** Stops all answers, waits until nothing runs any more, and frees the memory. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(upstream('language-model', 'The language model is shutting down. Please ask again.'));
    await Promise.all(this.#settling);
    const { context, model, llama } = this.#native;
    await context.dispose();
    await model.dispose();
    await llama.dispose();
  }

  /** The messages in the model's own template, with the answer begun by `prefix`. */
  #tokenize(messages: readonly ChatMessage[], prefix: string): Token[] {
    const { model, wrapper } = this.#native;
    const chatHistory = [...messages.map(toItem), toItem({ role: 'assistant', content: prefix })];
    const { contextText } = wrapper.generateContextState({ chatHistory });
    return contextText.tokenize(model.tokenizer);
  }

  async *#evaluate(
    sequence: LlamaContextSequence,
    prompt: readonly Token[],
    signal: AbortSignal,
  ): AsyncGenerator<Token, void, undefined> {
    await sequence.clearHistory();
    let at = 0;
    for (; prompt.length - at > promptPiece; at += promptPiece) {
      if (signal.aborted) return;
      await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(at, at + promptPiece));
    }
    // Temperature 0 is greedy: the likeliest token, always.
    for await (const token of sequence.evaluate(prompt.slice(at), { temperature: 0, yieldEogToken: true })) {
      if (signal.aborted) return;
      yield token;
    }
  }

  /** Gives the sequence back once it has ended what it was at. */
  #settle(tokens: AsyncGenerator<Token, void, undefined>, loan: Loan<LlamaContextSequence>): void {
    const settling = tokens
      .return()
      .catch(() => undefined)
      .then(() => {
        loan[Symbol.dispose]();
        this.#settling.delete(settling);
      });
    this.#settling.add(settling);
  }
}

function toItem({ role, content }: ChatMessage): ChatHistoryItem {
  if (role === 'system') return { type: 'system', text: content };
  if (role === 'user') return { type: 'user', text: content };
  return { type: 'model', response: [content] };
}

/** What a promise gives, unless the signal is aborted first. */
function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
