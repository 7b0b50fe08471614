/** What the recogniser saw in one line. */
export interface DecodedLine {
  readonly text: string;
  /** The mean probability of its characters, 0 to 1. */
  readonly confidence: number;
}

/**
 * Greedy decoding of a CTC output (Graves et al., "Connectionist Temporal Classification", 2006; Shi et al., "An
 * End-to-End Trainable Neural Network for Image-based Sequence Recognition", 2015): the most probable class of each
 * step, repetitions taken together and blanks left out.
 *
 * @param probabilities of shape [steps, classes]; class 0 is the blank, class n the character n - 1.
 */
export function decodeLine(
  probabilities: Float32Array,
  steps: number,
  classes: number,
  characters: readonly string[],
): DecodedLine {
  let text = '';
  let sum = 0;
  let count = 0;
  let last = 0;
  for (let step = 0; step < steps; step++) {
    let best = 0;
    let probability = -1;
    for (let index = 0, at = step * classes; index < classes; index++, at++) {
      const value = probabilities[at] ?? 0;
      if (value > probability) {
        best = index;
        probability = value;
      }
    }
    if (best !== 0 && best !== last) {
      text += characters[best - 1] ?? '';
      sum += probability;
      count++;
    }
    last = best;
  }
  return { text, confidence: count === 0 ? 0 : sum / count };
}
