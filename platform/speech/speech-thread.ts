import { parentPort, workerData } from 'node:worker_threads';
import { decodeWindow } from './decode-window.ts';
import { floatsOf } from './float-tensor.ts';
import type {
  FromSpeechThread,
  SpeechReply,
  SpeechRequest,
  SpeechThreadOptions,
  ToSpeechThread,
} from './speech-messages.ts';
import { findSpeech, judgeByLoudness } from './voice-activity.ts';
import { createVoiceActivitySession } from './voice-activity-session.ts';
import { createWhisperSession, type EncodedSound } from './whisper-session.ts';
import { readWhisperTokens, type WhisperTokens } from './whisper-tokens.ts';

/**
 * The thread that a Whisper model computes on, one request behind the other. What it needs is loaded with the first
 * request that needs it.
 */

const options = workerData as SpeechThreadOptions;
const port = parentPort;
if (port === null) throw new Error('This file is the entry of a worker thread.');
const send = (message: FromSpeechThread, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

const { files } = options;
const whisper = createWhisperSession(files, options);
const voiceActivity =
  options.voiceActivity === null ? null : createVoiceActivitySession(options.voiceActivity);
let tokens: Promise<WhisperTokens> | undefined;
let said = false;

/** The mean over the frames of the sound itself, zero-padded, L2-normalised. */
function poolFrames({ states, heard }: EncodedSound): Float32Array<ArrayBuffer> {
  const width = states.dims[2] ?? 0;
  if (width > options.dimension) {
    throw new Error(`The model has ${width} dimensions; at most ${options.dimension} are supported.`);
  }
  const values = floatsOf(states);
  const vector = new Float32Array(options.dimension);
  for (let frame = 0; frame < heard; frame++) {
    for (let index = 0; index < width; index++) {
      vector[index] = (vector[index] ?? 0) + (values[frame * width + index] ?? 0);
    }
  }
  let squares = 0;
  for (const value of vector) squares += value * value;
  const norm = Math.sqrt(squares) || 1;
  return vector.map((value) => value / norm);
}

async function answer(request: SpeechRequest, throwIfCancelled: () => void): Promise<SpeechReply> {
  const { samples } = request;
  if (request.kind === 'listen') {
    const probabilities = (await voiceActivity?.judge(samples)) ?? judgeByLoudness(samples);
    return { kind: 'heard', regions: findSpeech(probabilities, samples.length) };
  }
  const sound = await whisper.encode(samples);
  if (request.kind === 'encode') return { kind: 'encoded', vector: poolFrames(sound) };
  tokens ??= readWhisperTokens(files);
  const window = await decodeWindow(whisper, sound, {
    tokens: await tokens,
    maxInitialTimestamp: files.maxInitialTimestamp,
    maxTokens: files.maxTokens,
    seconds: samples.length / files.mel.sampleRate,
    language: request.language,
    throwIfCancelled,
  });
  return { kind: 'decoded', window };
}

async function handle({ id, request, cancelled }: Extract<ToSpeechThread, { kind: 'ask' }>): Promise<void> {
  const throwIfCancelled = () => {
    if (Atomics.load(cancelled, 0) !== 0) throw new Error('The answer is not wanted any more.');
  };
  try {
    throwIfCancelled();
    const reply = await answer(request, throwIfCancelled);
    const { executionProvider, refused } = whisper;
    if (!said && executionProvider !== null) {
      said = true;
      send({ kind: 'running', executionProvider, refused });
    }
    send({ kind: 'answered', id, reply }, reply.kind === 'encoded' ? [reply.vector.buffer] : []);
  } catch (error) {
    send({ kind: 'refused', id, message: error instanceof Error ? error.message : String(error) });
  }
}

let last: Promise<void> = Promise.resolve();
port.on('message', (message: ToSpeechThread) => {
  if (message.kind === 'ask') {
    last = last.then(() => handle(message));
    return;
  }
  void last
    .then(() => Promise.all([whisper[Symbol.asyncDispose](), voiceActivity?.[Symbol.asyncDispose]()]))
    .finally(() => port.close());
});
