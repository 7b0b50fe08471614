import { describe, expect, it } from 'vitest';
import { decodeLine } from './decode-line.ts';
import { findRegions } from './find-regions.ts';
import { readOnnxMetadata } from './read-onnx-metadata.ts';

/** A map in which every pixel of a turned rectangle is text. */
function mapOf(
  width: number,
  height: number,
  rectangles: readonly {
    x: number;
    y: number;
    length: number;
    thickness: number;
    angle: number;
    value?: number;
  }[],
): Float32Array {
  const map = new Float32Array(width * height);
  for (const { x, y, length, thickness, angle, value = 0.9 } of rectangles) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const dx = column + 0.5 - x;
        const dy = row + 0.5 - y;
        const along = dx * Math.cos(angle) + dy * Math.sin(angle);
        const across = dy * Math.cos(angle) - dx * Math.sin(angle);
        if (Math.abs(along) <= length / 2 && Math.abs(across) <= thickness / 2)
          map[row * width + column] = value;
      }
    }
  }
  return map;
}

describe('the regions of a probability map', () => {
  it('are as far around what is text as the training shrank it', () => {
    const [region, ...more] = findRegions(
      mapOf(200, 100, [{ x: 100, y: 50, length: 120, thickness: 10, angle: 0 }]),
      200,
      100,
    );
    expect(more).toEqual([]);
    const distance = (120 * 10 * 1.6) / (2 * 130);
    expect(region?.centreX).toBeCloseTo(100, 0);
    expect(region?.centreY).toBeCloseTo(50, 0);
    expect(region?.length).toBeCloseTo(120 + 2 * distance, 0);
    expect(region?.thickness).toBeCloseTo(10 + 2 * distance, 0);
    expect(region?.angle).toBeCloseTo(0, 5);
  });

  it('follow text that is turned', () => {
    for (const degrees of [-30, -8, 5, 20, 44]) {
      const angle = (degrees * Math.PI) / 180;
      const [region] = findRegions(
        mapOf(300, 300, [{ x: 150, y: 150, length: 160, thickness: 16, angle }]),
        300,
        300,
      );
      expect(Math.abs((region?.angle ?? 9) - angle), `${degrees} degrees`).toBeLessThan(0.03);
    }
  });

  it('leave out what is faint or thin, and tell neighbours apart', () => {
    const map = mapOf(300, 120, [
      { x: 60, y: 30, length: 80, thickness: 12, angle: 0 },
      { x: 200, y: 30, length: 80, thickness: 12, angle: 0 },
      { x: 60, y: 80, length: 80, thickness: 12, angle: 0, value: 0.4 },
      { x: 200, y: 80.5, length: 80, thickness: 1, angle: 0 },
    ]);
    expect(findRegions(map, 300, 120).map(({ centreX }) => Math.round(centreX))).toEqual([60, 200]);
  });
});

describe('a line of the recogniser', () => {
  it('is its most probable classes, without repetitions and blanks', () => {
    // Classes: blank, a, b. The steps say a a blank a b b blank.
    const steps = [1, 1, 0, 1, 2, 2, 0];
    const probabilities = Float32Array.from(
      steps.flatMap((best) => [0, 1, 2].map((index) => (index === best ? 0.8 : 0.1))),
    );
    const { text, confidence } = decodeLine(probabilities, steps.length, 3, ['a', 'b']);
    expect(text).toBe('aab');
    expect(confidence).toBeCloseTo(0.8, 5);
    expect(decodeLine(new Float32Array([0.9, 0.05, 0.05]), 1, 3, ['a', 'b'])).toEqual({
      text: '',
      confidence: 0,
    });
  });
});

describe('the metadata of a model', () => {
  const string = (field: number, text: string) => {
    const bytes = new TextEncoder().encode(text);
    return [field * 8 + 2, bytes.length, ...bytes];
  };

  it('is read without the graph', () => {
    const entry = [...string(1, 'character'), ...string(2, 'a\nb')];
    const model = Uint8Array.from([1 * 8, 8, ...string(2, 'a maker'), 14 * 8 + 2, entry.length, ...entry]);
    expect([...readOnnxMetadata(model)]).toEqual([['character', 'a\nb']]);
  });

  it('is refused where the file is cut off', () => {
    expect(() => readOnnxMetadata(Uint8Array.from([2 * 8 + 2, 200]))).toThrow(/cut off/);
  });
});
