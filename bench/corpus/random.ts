/** A seeded source of numbers from 0 to 1 (mulberry32): the same seed, the same numbers. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const syllables = 'ba ce di fo gu ka le mi no pu ra se ti vo lu na re si to mu'.split(' ');

/** Made-up words that follow each other as often as words of a language do: the n-th in 1 of n (Zipf). */
export function createWords(random: () => number, vocabulary = 20_000): () => string {
  const spread = Math.log(vocabulary);
  return () => {
    let rank = Math.floor(Math.exp(random() * spread));
    let word = '';
    do {
      word += syllables[rank % syllables.length];
      rank = Math.floor(rank / syllables.length);
    } while (rank > 0);
    return word;
  };
}

/** Scales a vector to length 1, in place. */
export function normalise(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const scale = 1 / (Math.sqrt(squares) || 1);
  for (let index = 0; index < vector.length; index++) vector[index] = (vector[index] ?? 0) * scale;
  return vector;
}

/**
 * Vectors in clusters, as those of texts are: each the sum of one of `clusters` directions and noise, so that
 * two of one cluster have an inner product of about a half. Shape [dimension], L2-normalised.
 */
export function createVectors(random: () => number, clusters: number, dimension: number): () => Float32Array {
  const noise = () => Float32Array.from({ length: dimension }, () => random() * 2 - 1);
  const centres = Array.from({ length: clusters }, noise);
  return () => {
    const centre = centres[Math.floor(random() * clusters)];
    const vector = noise();
    for (let index = 0; index < dimension; index++) {
      vector[index] = (vector[index] ?? 0) + (centre?.[index] ?? 0);
    }
    return normalise(vector);
  };
}
