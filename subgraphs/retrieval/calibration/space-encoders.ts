import type { Encoder } from '../../../platform/ports/encoder.ts';
import type { SoundEncoder } from '../../../platform/ports/sound-encoder.ts';
import type { VisualEncoder } from '../../../platform/ports/visual-encoder.ts';

/** The encoder of each space; null where there is none here. */
export interface SpaceEncoders {
  readonly TEXT: Encoder;
  readonly VISUAL: VisualEncoder | null;
  readonly SOUND: SoundEncoder | null;
}
