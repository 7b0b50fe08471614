import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VisualEncoder } from '../../platform/ports/visual-encoder.ts';
import { silentLogger } from '../../platform/testing/silent-logger.ts';
import { createOnnxVisualEncoder } from '../../platform/visual/onnx-visual-encoder.ts';
import { draw } from './draw.ts';
import { type Drawing, drawingKinds } from './drawing.ts';
import { render } from './render.ts';
import { sampleDrawings } from './sample-drawings.ts';

/** Far from the seeds that the encoder has learned from; see README.md. */
const heldOutSeed = 50_000_000;
const count = 400;
const side = 256;

const inner = (one: Float32Array, other: Float32Array): number =>
  one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);

const rankOf = (target: number, query: Float32Array, pictures: readonly Float32Array[]): number => {
  const scores = pictures.map((picture) => inner(query, picture));
  return scores.filter((score) => score > (scores[target] ?? 0)).length + 1;
};

/** Drawings that no two of show the same. */
function heldOut(): Drawing[] {
  const found = new Map<string, Drawing>();
  for (let seed = heldOutSeed; found.size < count; seed += 1) {
    const drawing = draw(seed);
    if (!found.has(drawing.key)) found.set(drawing.key, drawing);
  }
  return [...found.values()];
}

describe('the packaged encoder of drawings', () => {
  let encoder: VisualEncoder;
  beforeAll(async () => {
    encoder = await createOnnxVisualEncoder({
      folder: fileURLToPath(new URL('../../platform/models/packaged/drawings-clip', import.meta.url)),
      model: 'drawings-clip',
      threads: 1,
      executionProviders: ['cpu'],
      batchSize: 32,
      queueSize: 4096,
      logger: silentLogger,
    });
  });
  afterAll(() => encoder[Symbol.asyncDispose]());

  const encodePictures = async (documents: readonly string[]): Promise<Float32Array[]> =>
    encoder.encodePictures(
      await Promise.all(
        documents.map(async (svg) => ({ width: side, height: side, data: await render(svg, side) })),
      ),
    );

  test('finds at least nine in ten of 400 drawings it has never seen among the first five, by wordings it has never heard', async () => {
    const drawings = heldOut();
    const pictures = await encodePictures(drawings.map(({ svg }) => svg));
    const queries = await encoder.encodeTexts(drawings.map(({ queries }) => queries[0] ?? ''));
    const ranks = queries.map((query, index) => rankOf(index, query, pictures));
    const recall = (most: number, of = ranks): number => of.filter((rank) => rank <= most).length / of.length;
    const figures = drawingKinds.map((kind) => {
      const own = ranks.filter((_, index) => drawings[index]?.kind === kind);
      return `${kind} ${recall(1, own).toFixed(2)} / ${recall(5, own).toFixed(2)} / ${recall(10, own).toFixed(2)}`;
    });
    console.log(
      `recall@1 / @5 / @10: ${recall(1).toFixed(3)} / ${recall(5).toFixed(3)} / ${recall(10).toFixed(3)}; ${figures.join('; ')}`,
    );
    expect(recall(5)).toBeGreaterThanOrEqual(0.9);
  }, 60_000);

  test('tells the drawings of the samples from one another by questions in plain words', async () => {
    const drawings = sampleDrawings();
    const questions = {
      'piping-p-101': 'piping diagram of a pump that feeds a tank through a gate valve',
      'piping-cooling-water': 'Which diagram shows the heat exchanger with the filter and the control valve?',
      'wiring-pump-motor': 'Where is the wiring of the motor with the fuse?',
      'wiring-emergency-lamps': 'circuit of two lamps with a switch and a battery',
      'chart-pump-hours': 'bar chart of pump hours, rising',
    };
    const pictures = await encodePictures(drawings.map(({ svg }) => svg));
    const queries = await encoder.encodeTexts(Object.values(questions));
    const first = queries.map((query) => {
      const scores = pictures.map((picture) => inner(query, picture));
      return drawings[scores.indexOf(Math.max(...scores))]?.name;
    });
    expect(first).toEqual(Object.keys(questions));
  });
});
