import { describe, expect, test } from 'vitest';
import { draw } from './draw.ts';
import { render } from './render.ts';
import { sampleDrawings } from './sample-drawings.ts';

const seeds = Array.from({ length: 200 }, (_, index) => 70_000_000 + index);

describe('drawings', () => {
  test('are the same for the same seed, and others for others', () => {
    expect(seeds.map(draw)).toEqual(seeds.map(draw));
    expect(new Set(seeds.map((seed) => draw(seed).svg)).size).toBe(seeds.length);
  });

  test('have captions, and queries in wordings that captions do not have', () => {
    for (const { captions, queries } of seeds.map(draw)) {
      expect(captions.length).toBeGreaterThanOrEqual(4);
      expect(queries.length).toBeGreaterThanOrEqual(2);
      for (const phrase of [...captions, ...queries]) expect(phrase).not.toMatch(/undefined|NaN|\s\s|\[/);
      expect(captions.filter((caption) => queries.includes(caption))).toEqual([]);
    }
  });

  test('name every part that they show', () => {
    const names = ['pump', 'tank', 'motor', 'fuse', 'bar', 'pie', 'circle', 'left of'];
    const all = seeds.map(draw);
    for (const name of names) {
      const shown = all.filter(({ key }) => new RegExp(`\\b${name}`).test(key));
      expect(shown.length, name).toBeGreaterThan(0);
    }
  });

  test('are pictures with something on them, and nothing from outside', async () => {
    for (const { svg } of seeds.slice(0, 40).map(draw)) {
      expect(svg).not.toMatch(/href|<!|<script|undefined|NaN/);
      const pixels = await render(svg, 64);
      expect(pixels.length).toBe(64 * 64 * 3);
      expect(Math.max(...pixels) - Math.min(...pixels)).toBeGreaterThan(60);
    }
  });

  test('of the samples carry their titles and tags as text', () => {
    const [piping, , wiring] = sampleDrawings();
    for (const words of ['P-101', 'V-3', 'T-2', 'PI-4', 'Pump P-101 and tank T-2'])
      expect(piping?.svg).toContain(`>${words}</text>`);
    for (const words of ['F4', 'K1', 'M1']) expect(wiring?.svg).toContain(`>${words}</text>`);
  });
});
