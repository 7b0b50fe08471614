import { drawChart } from './draw-chart.ts';
import { drawPiping } from './draw-piping.ts';
import { drawShapes } from './draw-shapes.ts';
import { drawWiring } from './draw-wiring.ts';
import type { Drawing } from './drawing.ts';
import { random } from './random.ts';

/** Draws a picture: the same seed, the same picture and phrases. Kinds take turns, by the seed. */
export function draw(seed: number): Drawing {
  const chance = random(seed);
  switch (seed % 4) {
    case 0:
      return drawShapes(chance);
    case 1:
      return drawChart(chance);
    case 2:
      return drawPiping(chance);
    default:
      return drawWiring(chance);
  }
}
