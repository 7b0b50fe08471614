import { describe, expect, it } from 'vitest';
import type { Encoder } from '../../platform/ports/encoder.ts';
import { createHashEncoder } from '../../platform/testing/hash-encoder.ts';
import { asksForPicture, weighModalities } from './weigh-modalities.ts';

/** Has every word as it is, as encoders of many languages have everyday words. */
const multilingual = createHashEncoder();
/** Takes words to pieces of three letters, as an encoder of another language does. */
const english: Encoder = {
  ...createHashEncoder(),
  tokenSpans: (text) =>
    Array.from(text.matchAll(/\p{L}{1,3}/gu), ({ index, 0: piece }) => ({
      start: index,
      end: index + piece.length,
    })),
};

describe('a question asks for a picture', () => {
  it.each([
    'Show me the wiring diagram of the hoist',
    'schematics of pump P-101',
    'Is there a PHOTO of the gauge?',
    'the drawing, please',
    'chart of running hours',
    'Figure 3 of the manual',
  ])('in English: %s', (text) => {
    expect(asksForPicture(text, english)).toBe(true);
  });

  it.each(['How often is the seal replaced?', 'I cannot figure out the alarm', 'photosynthesis', ''])(
    'but not: %s',
    (text) => {
      expect(asksForPicture(text, multilingual)).toBe(false);
    },
  );

  it.each(['Schaltplan der Pumpe', 'le schéma de câblage', 'un dibujo de la válvula'])(
    'in another language only of an encoder that knows it: %s',
    (text) => {
      expect(asksForPicture(text, multilingual)).toBe(true);
      expect(asksForPicture(text, english)).toBe(false);
    },
  );
});

describe('the weights of a search', () => {
  const weights = { TEXT: 1, IMAGE: 1.2 };
  it('rise for pictures where words ask for one', () => {
    const asked = { kind: 'text', text: 'a drawing of the pump' } as const;
    expect(weighModalities(asked, weights, 1.5, english)).toEqual({ TEXT: 1, IMAGE: 1.5 });
    expect(weighModalities({ ...asked, text: 'the pump' }, weights, 1.5, english)).toEqual(weights);
    expect(weighModalities({ kind: 'picture', sha256: '' }, weights, 1.5, english)).toEqual(weights);
    expect(weighModalities(asked, weights, undefined, english)).toEqual(weights);
  });
});
