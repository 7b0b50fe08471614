import { sampleRate } from '../../../platform/ports/transcriber.ts';

const seconds = 5;

function play(sampleAt: (second: number, index: number) => number): Float32Array {
  return Float32Array.from({ length: seconds * sampleRate }, (_, index) =>
    sampleAt(index / sampleRate, index),
  );
}

const tone = (hertz: number, second: number): number => Math.sin(2 * Math.PI * hertz * second);

/** Sounds that hardly any query has to do with: tones, noise, clicks, hum, and nearly nothing. */
export function playProbes(): Float32Array[] {
  let state = 20_261_123;
  const noise = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 1_073_741_824 - 1;
  };
  return [
    play((second) => 0.4 * tone(440, second)),
    play(() => 0.2 * noise()),
    play((second) => 0.3 * tone(200 + 300 * second, second)),
    play((_, index) => (index % (sampleRate / 2) < 40 ? 0.8 : 0)),
    play((second) => 0.3 * (tone(50, second) + 0.4 * tone(150, second))),
    play((second) => 0.3 * tone(330, second) * (1 + tone(4, second)) * 0.5 + 0.05 * noise()),
    play(() => 0.001 * noise()),
    play((second) => 0.2 * (tone(262, second) + tone(330, second) + tone(392, second))),
  ];
}
