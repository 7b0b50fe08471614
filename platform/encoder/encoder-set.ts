import type { Encoder } from '../ports/encoder.ts';

/** The encoders that a process has loaded, by their fingerprints. It owns none of them. */
export interface EncoderSet {
  /** The one that serves where nobody has said otherwise. */
  readonly usual: Encoder;
  readonly all: readonly Encoder[];
  /** The encoder with this fingerprint, or null where this process has not loaded it. */
  find(fingerprint: string): Encoder | null;
}

/** One encoder, and a second one where one is configured to migrate to. */
export interface LoadedEncoders {
  readonly encoder: Encoder;
  readonly nextEncoder?: Encoder | null;
}

/** The encoders as a set; where both are the same there is one. */
export function createEncoderSet({ encoder, nextEncoder = null }: LoadedEncoders): EncoderSet {
  const loaded = nextEncoder === null ? [encoder] : [nextEncoder, encoder];
  const byFingerprint = new Map(loaded.map((each) => [each.description.fingerprint, each]));
  return {
    usual: encoder,
    all: [...byFingerprint.values()],
    find: (fingerprint) => byFingerprint.get(fingerprint) ?? null,
  };
}
