import type { SessionOptions } from '../encoder/open-session.ts';
import type { DecodedWindow } from './decode-window.ts';
import type { SpeechRegion } from './voice-activity.ts';
import type { WhisperFiles } from './whisper-files.ts';

/** What the thread of a Whisper model is started with. */
export interface SpeechThreadOptions extends Omit<SessionOptions, 'weights'> {
  readonly files: WhisperFiles;
  /** The path of the model that tells speech from other sound; null for a judgement by loudness. */
  readonly voiceActivity: string | null;
  /** The dimension of the vectors that are returned; the model's own may be smaller. */
  readonly dimension: number;
}

/** What is asked of it. `cancelled` is shared: as soon as its first number is not 0, the answer is not wanted. */
export type SpeechRequest =
  /** Where somebody speaks. */
  | { readonly kind: 'listen'; readonly samples: Float32Array }
  /** What is said, in one window at most. */
  | { readonly kind: 'decode'; readonly samples: Float32Array; readonly language: string | null }
  /** How it sounds, in one window at most. */
  | { readonly kind: 'encode'; readonly samples: Float32Array };

export type SpeechReply =
  | { readonly kind: 'heard'; readonly regions: SpeechRegion[] }
  | { readonly kind: 'decoded'; readonly window: DecodedWindow }
  /** Of shape [dimension], L2-normalised. */
  | { readonly kind: 'encoded'; readonly vector: Float32Array<ArrayBuffer> };

export type ToSpeechThread =
  | {
      readonly kind: 'ask';
      readonly id: number;
      readonly request: SpeechRequest;
      readonly cancelled: Int32Array;
    }
  | { readonly kind: 'close' };

export type FromSpeechThread =
  /** What is really used, once something is. */
  | { readonly kind: 'running'; readonly executionProvider: string; readonly refused: readonly string[] }
  | { readonly kind: 'answered'; readonly id: number; readonly reply: SpeechReply }
  | { readonly kind: 'refused'; readonly id: number; readonly message: string };
