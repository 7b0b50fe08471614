import type { DecodedPicture } from '../ports/picture-decoder.ts';
import type { EncodedPicture, Pixels } from '../ports/pixels.ts';

/** What every process that decodes pictures holds to. */
export interface PictureLimits {
  /** A picture of more pixels than this is refused before it is decoded. */
  readonly maxPixels: number;
  /** A process that holds more memory than this ends itself. */
  readonly maxMemoryBytes: number;
}

/** What the process that decodes pictures is asked; one question at a time. */
export type DecoderRequest =
  | { readonly kind: 'decode'; readonly bytes: Uint8Array; readonly maxSide: number }
  | { readonly kind: 'edges'; readonly pixels: Pixels; readonly always: boolean }
  | { readonly kind: 'preview'; readonly pixels: Pixels; readonly maxSide: number };

/** Why a picture is refused: the reason for programs, and a sentence for people. */
export interface PictureRefusal {
  readonly reason: 'BROKEN_PICTURE' | 'TOO_MANY_PIXELS' | 'EXTERNAL_REFERENCE';
  readonly message: string;
}

/** What it answers; without being asked it says that it is there. */
export type DecoderReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'decoded'; readonly picture: DecodedPicture }
  | { readonly kind: 'edges'; readonly edges: Pixels | null }
  | { readonly kind: 'preview'; readonly picture: EncodedPicture }
  | ({ readonly kind: 'refused' } & PictureRefusal);

/** The code with which a process ends that holds too much memory. */
export const outOfMemoryExitCode = 77;
