import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { openSession, type SessionOptions } from '../encoder/open-session.ts';
import { floatsOf, floatTensor } from './float-tensor.ts';
import { createMelSpectrogram } from './mel-spectrogram.ts';
import type { WhisperFiles } from './whisper-files.ts';

/** What the encoder made of one window. */
export interface EncodedSound {
  /** The last hidden state, of shape [1, frames, width]. */
  readonly states: Tensor;
  /** How many of its frames are of the sound itself, and not of the silence that fills the window. */
  readonly heard: number;
}

/** One text that is written about one window, a token at a time. */
export interface DecoderRun {
  /**
   * Goes on with tokens: those of the start first, then one at a time. What was computed for earlier ones is kept.
   *
   * @returns Float32Array of shape [tokens, vocabulary], which the caller may change.
   */
  step(tokens: readonly number[]): Promise<Float32Array>;
}

/** A Whisper model whose sessions are opened when they are first needed. Used by one caller at a time. */
export interface WhisperSession extends AsyncDisposable {
  encode(samples: Float32Array): Promise<EncodedSound>;
  /** Begins a text about a window. */
  begin(sound: EncodedSound): Promise<DecoderRun>;
  /** What is really used; null before the first use. */
  readonly executionProvider: string | null;
  readonly refused: readonly string[];
}

const sizeOf = (values: readonly number[]) => values.reduce((product, value) => product * value, 1);

/** @param options how the model is run. */
export function createWhisperSession(
  files: WhisperFiles,
  options: Omit<SessionOptions, 'weights'>,
): WhisperSession {
  const { mel, heads, headSize, decoder } = files;
  const spectrogram = createMelSpectrogram(mel);
  const frames = Math.round((files.windowSeconds * mel.sampleRate) / mel.hop);
  const refused = new Set<string>();
  let executionProvider: string | null = null;
  const open = async (path: string): Promise<InferenceSession> => {
    const opened = await openSession({ ...options, weights: path });
    executionProvider ??= opened.provider;
    for (const reason of opened.refused) refused.add(reason);
    return opened.session;
  };
  let encoder: Promise<InferenceSession> | undefined;
  let decoders: Promise<{ first: InferenceSession; next: InferenceSession }> | undefined;
  const openEncoder = () => {
    encoder ??= open(files.encoder);
    return encoder;
  };
  const openDecoders = () => {
    decoders ??=
      decoder.kind === 'merged'
        ? open(decoder.path).then((session) => ({ first: session, next: session }))
        : Promise.all([open(decoder.first), open(decoder.withPast)]).then(([first, next]) => ({
            first,
            next,
          }));
    return decoders;
  };

  return {
    get executionProvider() {
      return executionProvider;
    },
    get refused() {
      return [...refused];
    },
    async encode(samples) {
      const session = await openEncoder();
      const [input] = session.inputNames;
      if (input === undefined) throw new Error('The encoder takes no input.');
      const features = spectrogram(samples, frames);
      const outputs = await session.run({
        [input]: floatTensor(typeOf(session, input), features, [1, mel.bins, frames]),
      });
      const states = outputs.last_hidden_state ?? outputs[session.outputNames[0] ?? ''];
      if (states === undefined || states.dims.length !== 3) {
        throw new Error('The encoder must return its last hidden state, of shape [batch, frames, width].');
      }
      const all = states.dims[1] ?? 0;
      const filled = (all * samples.length) / (files.windowSeconds * mel.sampleRate);
      return { states, heard: Math.max(1, Math.min(all, Math.ceil(filled))) };
    },

    async begin({ states }) {
      const { first, next } = await openDecoders();
      /** Keys and values by the names that the decoder takes them under. */
      const past = new Map<string, Tensor>();
      let isFirst = true;
      return {
        async step(tokens) {
          const session = isFirst ? first : next;
          const feeds: Record<string, Tensor> = {};
          for (const name of session.inputNames) {
            if (name === 'input_ids') {
              feeds[name] = new Tensor('int64', BigInt64Array.from(tokens, BigInt), [1, tokens.length]);
            } else if (name === 'encoder_hidden_states') {
              feeds[name] =
                typeOf(session, name) === states.type
                  ? states
                  : floatTensor(typeOf(session, name), floatsOf(states), states.dims);
            } else if (name === 'use_cache_branch') feeds[name] = new Tensor('bool', [!isFirst], [1]);
            else if (name.startsWith('past_key_values.')) {
              feeds[name] =
                past.get(name) ??
                floatTensor(typeOf(session, name), new Float32Array(0), [1, heads, 0, headSize]);
            } else throw new Error(`The decoder asks for ${name}, which is not known here.`);
          }
          const outputs = await session.run(feeds);
          for (const [name, tensor] of Object.entries(outputs)) {
            if (!name.startsWith('present.')) continue;
            // Keys and values of the sound are the first step's for good: later steps may return empty ones.
            if (isFirst || !name.includes('.encoder.')) {
              past.set(name.replace('present.', 'past_key_values.'), tensor);
            }
          }
          isFirst = false;
          const { logits } = outputs;
          if (logits === undefined) throw new Error('The decoder must return logits.');
          const values = floatsOf(logits);
          if (values.length !== tokens.length * sizeOf(logits.dims.slice(2))) {
            throw new Error('The decoder must return logits of shape [batch, tokens, vocabulary].');
          }
          return values;
        },
      };
    },

    async [Symbol.asyncDispose]() {
      const [one, two] = await Promise.allSettled([encoder, decoders]);
      const sessions = new Set<InferenceSession>();
      if (one.status === 'fulfilled' && one.value) sessions.add(one.value);
      if (two.status === 'fulfilled' && two.value) sessions.add(two.value.first).add(two.value.next);
      await Promise.all([...sessions].map((session) => session.release()));
    },
  };
}

/** The type of a model's input. */
function typeOf(session: InferenceSession, name: string): string {
  const found = session.inputMetadata.find((input) => input.name === name);
  return found?.isTensor === true ? found.type : 'float32';
}
