import { createFourierTransform } from './fourier-transform.ts';

/** How a spectrogram is made, as the model's `preprocessor_config.json` says. */
export interface MelOptions {
  /** How many mel bins: 80, or 128 for the newest large models. */
  readonly bins: number;
  /** Samples of one frame. */
  readonly fftSize: number;
  /** Samples from one frame to the next. */
  readonly hop: number;
  readonly sampleRate: number;
}

/**
 * The logarithmic mel spectrogram that Whisper hears.
 *
 * @param samples mono, -1 to 1; what lies behind `frames` frames is left out, what lacks is silence.
 * @returns Float32Array of shape [bins, frames].
 */
export type MelSpectrogram = (samples: Float32Array, frames: number) => Float32Array<ArrayBuffer>;

/** The quietest power that is told from silence. */
const leastPower = 1e-10;

/**
 * Log-mel spectrograms as Whisper's reference makes them (Radford et al. 2022, `whisper/audio.py`): frames centred on
 * their samples with the ends mirrored, a Hann window, powers, mel filters, the logarithm to base 10, at most 8 below
 * the loudest, and scaled. Two frames share one complex transform.
 */
export function createMelSpectrogram({ bins, fftSize, hop, sampleRate }: MelOptions): MelSpectrogram {
  const transform = createFourierTransform(fftSize);
  const half = fftSize / 2;
  const window = Float64Array.from(
    { length: fftSize },
    (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / fftSize),
  );
  const filters = melFilters({ bins, fftSize, hop, sampleRate });
  const real = new Float64Array(fftSize);
  const imaginary = new Float64Array(fftSize);
  const powers = [new Float64Array(half + 1), new Float64Array(half + 1)] as const;

  return (samples, frames) => {
    const length = frames * hop;
    const known = Math.min(samples.length, length);
    const at = (index: number): number => {
      const mirrored = index < 0 ? -index : index >= length ? 2 * (length - 1) - index : index;
      return mirrored < known ? (samples[mirrored] ?? 0) : 0;
    };
    const result = new Float32Array(bins * frames).fill(Math.log10(leastPower));
    // Frames of padding alone are silent.
    const heard = length === known ? frames : Math.min(frames, Math.ceil((known + half) / hop));
    let loudest = Math.log10(leastPower);
    for (let frame = 0; frame < heard; frame += 2) {
      const start = frame * hop - half;
      for (let index = 0; index < fftSize; index++) {
        const weight = window[index] as number;
        real[index] = weight * at(start + index);
        imaginary[index] = frame + 1 < heard ? weight * at(start + hop + index) : 0;
      }
      transform(real, imaginary);
      separate();
      for (let second = 0; second < 2 && frame + second < heard; second++) {
        const power = powers[second === 0 ? 0 : 1];
        for (const [bin, { first, weights }] of filters.entries()) {
          let sum = 0;
          for (let index = 0; index < weights.length; index++) {
            sum += (weights[index] as number) * (power[first + index] as number);
          }
          const value = Math.log10(Math.max(sum, leastPower));
          result[bin * frames + frame + second] = value;
          if (value > loudest) loudest = value;
        }
      }
    }
    const least = loudest - 8;
    for (let index = 0; index < result.length; index++) {
      result[index] = (Math.max(result[index] as number, least) + 4) / 4;
    }
    return result;
  };

  /** The powers of both frames, of which one was the real and one the imaginary part of what was transformed. */
  function separate(): void {
    for (let index = 0; index <= half; index++) {
      const other = index === 0 ? 0 : fftSize - index;
      const [a, b] = [real[index] as number, imaginary[index] as number];
      const [c, d] = [real[other] as number, imaginary[other] as number];
      powers[0][index] = ((a + c) ** 2 + (b - d) ** 2) / 4;
      powers[1][index] = ((b + d) ** 2 + (a - c) ** 2) / 4;
    }
  }
}

/** One triangle over the frequencies: what is left and right of it is zero. */
interface Filter {
  readonly first: number;
  readonly weights: Float64Array;
}

/** Mel filters of equal area after Slaney's Auditory Toolbox (1998), as librosa makes them by default. */
function melFilters({ bins, fftSize, sampleRate }: MelOptions): Filter[] {
  const top = hertzToMel(sampleRate / 2);
  const edges = Array.from({ length: bins + 2 }, (_, index) => melToHertz((top * index) / (bins + 1)));
  return Array.from({ length: bins }, (_, bin) => {
    const [left = 0, middle = 0, right = 0] = edges.slice(bin, bin + 3);
    const weights = Array.from({ length: fftSize / 2 + 1 }, (__, index) => {
      const hertz = (index * sampleRate) / fftSize;
      const height = Math.min((hertz - left) / (middle - left), (right - hertz) / (right - middle));
      return (Math.max(0, height) * 2) / (right - left);
    });
    const first = weights.findIndex((weight) => weight > 0);
    const last = weights.findLastIndex((weight) => weight > 0);
    return first < 0
      ? { first: 0, weights: new Float64Array(0) }
      : { first, weights: Float64Array.from(weights.slice(first, last + 1)) };
  });
}

/** Slaney's scale: even up to 1000 Hz, logarithmic above. */
const linearHertz = 200 / 3;
const bendHertz = 1000;
const bendMel = bendHertz / linearHertz;
const logStep = Math.log(6.4) / 27;

const hertzToMel = (hertz: number): number =>
  hertz < bendHertz ? hertz / linearHertz : bendMel + Math.log(hertz / bendHertz) / logStep;

const melToHertz = (mel: number): number =>
  mel < bendMel ? mel * linearHertz : bendHertz * Math.exp(logStep * (mel - bendMel));
