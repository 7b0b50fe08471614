import type { Logger } from '../../../platform/logger.ts';
import type { Background, VectorSpace } from '../types.ts';
import { drawProbes } from './probe-pictures.ts';
import { playProbes } from './probe-sounds.ts';
import { probeTexts } from './probe-texts.ts';
import type { SpaceEncoders } from './space-encoders.ts';

/** Says what a query's vector scores with things that it has nothing to do with. */
export interface Cohorts {
  /**
   * The mean and the deviation of the inner products of a vector and those of the probes, encoded once per encoder. Where
   * that fails or takes longer than `maxMs`, what is usual in the space: it never throws.
   */
  backgroundOf(
    space: VectorSpace,
    vector: Float32Array,
    encoders: SpaceEncoders,
    maxMs: number,
  ): Promise<Background>;
}

/** What is usual, where it cannot be measured: for MiniLM, CLIP and Whisper. */
const usual: Readonly<Record<VectorSpace, Background>> = {
  TEXT: { mean: 0.05, deviation: 0.07 },
  VISUAL: { mean: 0.2, deviation: 0.03 },
  SOUND: { mean: 0.6, deviation: 0.1 },
};

/** Probes differ less from one another than what is stored does; and a deviation of none would make anything certain. */
const leastDeviation = 0.01;

const innerProduct = (a: Float32Array, b: Float32Array): number => {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
};

/**
 * Scores of a cohort of strangers, as they are used to make scores of different speakers comparable: a query that is
 * near to everything scores high with strangers, too (Auckenthaler, Carey and Lloyd-Thomas, "Score Normalization for
 * Text-Independent Speaker Verification Systems", Digital Signal Processing 10, 2000: T-norm).
 */
export function createCohorts(logger: Logger): Cohorts {
  const known = new Map<string, Promise<readonly Float32Array[]>>();

  function probesOf(space: VectorSpace, encoders: SpaceEncoders): Promise<readonly Float32Array[]> {
    const encoder = encoders[space];
    if (encoder === null) return Promise.resolve([]);
    const key = `${space}/${encoder.description.fingerprint}`;
    let probes = known.get(key);
    if (probes === undefined) {
      probes = encodeProbes(space, encoders).catch((error: unknown) => {
        known.delete(key);
        logger.warn({ err: error, space }, 'it could not be measured how strangers score in a space');
        return [];
      });
      known.set(key, probes);
    }
    return probes;
  }

  return {
    async backgroundOf(space, vector, encoders, maxMs) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<readonly Float32Array[]>((resolve) => {
        timer = setTimeout(resolve, maxMs, []);
      });
      const probes = await Promise.race([probesOf(space, encoders), late]);
      clearTimeout(timer);
      if (probes.length === 0) return usual[space];
      const scores = probes.map((probe) => innerProduct(probe, vector));
      const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
      const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
      return { mean, deviation: Math.max(leastDeviation, Math.sqrt(variance)) };
    },
  };
}

async function encodeProbes(space: VectorSpace, encoders: SpaceEncoders): Promise<Float32Array[]> {
  if (space === 'TEXT') return encoders.TEXT.encode(probeTexts, 'passage');
  if (space === 'VISUAL') return (await encoders.VISUAL?.encodePictures(drawProbes())) ?? [];
  return (await encoders.SOUND?.encode(playProbes())) ?? [];
}
