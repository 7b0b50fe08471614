import { z } from 'zod';
import { busy, TributaryError, upstream } from '../errors.ts';
import type {
  GenerateOptions,
  LanguageModel,
  LanguageModelDescription,
  ModelEvent,
} from '../ports/language-model.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { parseServerSentEvents } from './parse-server-sent-events.ts';
import { swallowRepetition } from './swallow-repetition.ts';

export interface OpenaiLanguageModelOptions {
  /** Where the interface is, such as `https://host/v1`. */
  readonly baseUrl: string;
  /** The model to ask for. */
  readonly model: string;
  /** Sent as a bearer token; null for none. */
  readonly apiKey: string | null;
  /** The most tokens of prompt and answer together that the model takes. */
  readonly contextTokens: number;
  /** Whether it writes answers by default; true unless said otherwise. */
  readonly answersWell?: boolean;
  /** How long the first piece may take, in milliseconds; 60,000 by default. */
  readonly firstTokenTimeoutMs?: number;
  /** How long each further piece may take, in milliseconds; 30,000 by default. */
  readonly idleTimeoutMs?: number;
}

const service = 'language-model';

const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
  error: z.unknown().optional(),
});

/**
 * Any endpoint that speaks `POST /chat/completions` with streaming as OpenAI, vLLM and many others do.
 *
 * To go on with an answer that has begun, the answer so far is sent as the last message with
 * `continue_final_message` (as vLLM has it). An endpoint that refuses that is asked in words to go on
 * behind it; whatever it repeats of the beginning is left out. Tokens are counted by `estimateTokens`.
 */
export function createOpenaiLanguageModel(options: OpenaiLanguageModelOptions): LanguageModel {
  return new OpenaiLanguageModel(options);
}

class OpenaiLanguageModel implements LanguageModel {
  readonly description: LanguageModelDescription;
  readonly #options: OpenaiLanguageModelOptions;
  readonly #closing = new AbortController();
  /** Whether the endpoint can go on with a message; found out when it is first needed. */
  #continues = true;

  constructor(options: OpenaiLanguageModelOptions) {
    const { model, contextTokens, answersWell = true } = options;
    this.description = { model, contextTokens, answersWell };
    this.#options = options;
  }

  async countTokens(text: string): Promise<number> {
    return estimateTokens(text);
  }

  async *generate(options: GenerateOptions): AsyncGenerator<ModelEvent, void, undefined> {
    const { prefix = '' } = options;
    const watch = new Watch([options.signal, this.#closing.signal]);
    try {
      watch.allow(this.#options.firstTokenTimeoutMs ?? 60_000);
      const response = await this.#request(options, watch.signal);
      const pieces = this.#read(response, watch);
      let text = '';
      let usage: { promptTokens: number; completionTokens: number } | undefined;
      const repetition = swallowRepetition(prefix);
      for await (const piece of pieces) {
        // What had arrived before the abort is not given behind it.
        watch.signal.throwIfAborted();
        if (piece.kind === 'end') {
          usage = piece;
          continue;
        }
        const fresh = repetition.push(piece.text);
        text += fresh;
        if (fresh !== '') yield { kind: 'text', text: fresh };
      }
      const rest = repetition.end();
      if (rest !== '') yield { kind: 'text', text: rest };
      const prompt = options.messages.map(({ content }) => content).join('\n');
      yield {
        kind: 'end',
        promptTokens: usage?.promptTokens ?? estimateTokens(prompt),
        completionTokens: usage?.completionTokens ?? estimateTokens(text + rest),
      };
    } catch (error) {
      if (options.signal.aborted) throw options.signal.reason;
      if (error instanceof TributaryError) throw error;
      throw upstream(service, `The language model ${this.#options.model} cannot be reached.`, error);
    } finally {
      watch.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(upstream(service, 'The language model is shutting down. Please ask again.'));
  }

  async #request(options: GenerateOptions, signal: AbortSignal): Promise<Response> {
    const hasPrefix = (options.prefix ?? '') !== '';
    const response = await this.#post(options, hasPrefix && this.#continues, signal);
    if (response.ok) return response;
    if (hasPrefix && this.#continues && (response.status === 400 || response.status === 422)) {
      await response.body?.cancel();
      this.#continues = false;
      const second = await this.#post(options, false, signal);
      if (second.ok) return second;
      throw await refusal(second, this.#options.model);
    }
    throw await refusal(response, this.#options.model);
  }

  #post(options: GenerateOptions, continues: boolean, signal: AbortSignal): Promise<Response> {
    const { baseUrl, model, apiKey } = this.#options;
    const { messages, prefix = '', maxTokens } = options;
    const begun = prefix === '' ? [] : [{ role: 'assistant', content: prefix }];
    const asked =
      prefix === '' || continues
        ? []
        : [{ role: 'user', content: 'Go on exactly where your answer breaks off. Repeat nothing of it.' }];
    return fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...(apiKey !== null && { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify({
        model,
        messages: [...messages, ...begun, ...asked],
        stream: true,
        stream_options: { include_usage: true },
        temperature: 0,
        max_tokens: maxTokens,
        ...(continues && { continue_final_message: true, add_generation_prompt: false }),
      }),
      redirect: 'error',
      signal,
    });
  }

  async *#read(response: Response, watch: Watch): AsyncGenerator<ModelEvent, void, undefined> {
    const { model, idleTimeoutMs = 30_000 } = this.#options;
    const brokeOff = (cause?: unknown) =>
      upstream(service, `The language model ${model} broke off while answering. Please ask again.`, cause);
    if (!response.body) throw brokeOff();
    let isFinished = false;
    try {
      for await (const { data } of parseServerSentEvents(response.body)) {
        watch.allow(idleTimeoutMs);
        if (data === '[DONE]') return;
        const chunk = chunkSchema.parse(JSON.parse(data));
        if (chunk.error !== undefined && chunk.error !== null) throw brokeOff(chunk.error);
        for (const choice of chunk.choices ?? []) {
          const text = choice.delta?.content ?? '';
          if (text !== '') yield { kind: 'text', text };
          if (choice.finish_reason) isFinished = true;
        }
        if (chunk.usage) {
          const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = chunk.usage;
          yield { kind: 'end', promptTokens, completionTokens };
        }
      }
    } catch (error) {
      if (watch.signal.aborted) throw watch.signal.reason;
      throw error instanceof TributaryError ? error : brokeOff(error);
    }
    if (!isFinished) throw brokeOff();
  }
}

/** Aborts when a signal does, or when the next thing takes longer than it is allowed. */
class Watch {
  readonly signal: AbortSignal;
  readonly #late = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(signals: readonly AbortSignal[]) {
    this.signal = AbortSignal.any([...signals, this.#late.signal]);
  }

  /** From now on the next thing may take this long. */
  allow(timeoutMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const message = `The language model did not go on within ${timeoutMs} ms. Please ask again.`;
      this.#late.abort(upstream(service, message));
    }, timeoutMs);
  }

  /** Ends the request, where it is still under way. */
  end(): void {
    clearTimeout(this.#timer);
    this.#late.abort();
  }
}

/** Why the endpoint refused. Its own words are logged inside and not shown. */
async function refusal(response: Response, model: string): Promise<TributaryError> {
  const cause = new Error(`${response.status} ${(await response.text().catch(() => '')).slice(0, 2_000)}`);
  if (response.status === 429 || response.status === 503) {
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    const wait = Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 600) * 1_000 : 5_000;
    return busy('LANGUAGE_MODEL_BUSY', `The language model ${model} has too much to do.`, wait);
  }
  const why =
    response.status === 401 || response.status === 403
      ? 'refused our key: check TRIBUTARY_OPENAI_API_KEY'
      : response.status === 404
        ? 'is not known there: check TRIBUTARY_OPENAI_BASE_URL and TRIBUTARY_OPENAI_MODEL'
        : `answered with HTTP ${response.status}`;
  return upstream(service, `The language model ${model} ${why}.`, cause);
}
