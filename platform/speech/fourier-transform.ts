/** Transforms in place: complex numbers as their real and imaginary parts, each of shape [size]. */
export type FourierTransform = (real: Float64Array, imaginary: Float64Array) => void;

/**
 * The discrete Fourier transform of one size, which need not be a power of two: Stockham's algorithm of mixed radix
 * (decimation in frequency), which leaves the result in its natural order. 400, the size that Whisper asks for, is
 * 4·4·5·5, so that a transform takes 18 products a point in the place of 400.
 */
export function createFourierTransform(size: number): FourierTransform {
  const factors = factorsOf(size);
  const cosines = Float64Array.from({ length: size }, (_, index) => Math.cos((2 * Math.PI * index) / size));
  const sines = Float64Array.from({ length: size }, (_, index) => -Math.sin((2 * Math.PI * index) / size));
  const otherReal = new Float64Array(size);
  const otherImaginary = new Float64Array(size);

  return (real, imaginary) => {
    let fromReal: Float64Array = real;
    let fromImaginary: Float64Array = imaginary;
    let toReal: Float64Array = otherReal;
    let toImaginary: Float64Array = otherImaginary;
    let stride = 1;
    let length = size;
    for (const radix of factors) {
      const parts = length / radix;
      const turn = size / radix;
      for (let part = 0; part < parts; part++) {
        for (let output = 0; output < radix; output++) {
          for (let lane = 0; lane < stride; lane++) {
            let sumReal = 0;
            let sumImaginary = 0;
            for (let input = 0; input < radix; input++) {
              // Both factors at once: the butterfly's own and the twist of this part.
              const angle = (input * output * turn + part * output * stride) % size;
              const from = lane + stride * (part + parts * input);
              const cosine = cosines[angle] as number;
              const sine = sines[angle] as number;
              const x = fromReal[from] as number;
              const y = fromImaginary[from] as number;
              sumReal += x * cosine - y * sine;
              sumImaginary += x * sine + y * cosine;
            }
            const to = lane + stride * (radix * part + output);
            toReal[to] = sumReal;
            toImaginary[to] = sumImaginary;
          }
        }
      }
      [fromReal, toReal] = [toReal, fromReal];
      [fromImaginary, toImaginary] = [toImaginary, fromImaginary];
      stride *= radix;
      length = parts;
    }
    if (fromReal !== real) {
      real.set(fromReal);
      imaginary.set(fromImaginary);
    }
  };
}

/** The factors of a number: fours first, then its primes. */
function factorsOf(size: number): number[] {
  const factors: number[] = [];
  let rest = size;
  for (const factor of [4, 2, 3, 5, 7]) {
    while (rest % factor === 0) {
      factors.push(factor);
      rest /= factor;
    }
  }
  for (let factor = 11; rest > 1; factor += 2) {
    while (rest % factor === 0) {
      factors.push(factor);
      rest /= factor;
    }
  }
  return factors;
}
