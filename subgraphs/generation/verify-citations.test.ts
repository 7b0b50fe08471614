import { describe, expect, it } from 'vitest';
import { createHashEncoder } from '../../platform/testing/hash-encoder.ts';
import { encodeSentences } from './sentences/encode-sentences.ts';
import { passagesOf } from './testing/scripted-retriever.ts';
import { verifyCitation } from './verify-citations.ts';

const encoder = createHashEncoder();
const { signal } = new AbortController();
const passages = passagesOf([
  {
    title: 'Pump manual',
    text: 'Pump P-101 moves coolant. The seal of pump P-101 must be serviced every\n2,000 hours by Acme Corporation. Grease it twice a year.',
  },
  {
    title: 'Canteen',
    text: 'Bread is baked on the ground floor by Maria.',
    locator: { kind: 'PageRegion', page: 3, box: null },
  },
]);

async function verify(statement: string) {
  const sentences = await encodeSentences(passages, encoder, signal);
  return verifyCitation(statement, sentences, passages, encoder, signal);
}

describe('a statement', () => {
  it('is verified where its words stand in a passage, whatever their case, spaces and marks', async () => {
    const quote = 'The seal of pump P-101 must be serviced every\n2,000 hours by Acme Corporation.';
    const start = passages[0]!.text.indexOf(quote);
    expect(
      await verify('the seal of pump P-101 must be serviced every 2,000 hours, by **Acme Corporation** [1].'),
    ).toEqual({
      support: 'VERIFIED',
      chunkId: passages[0]!.chunkId,
      quote,
      locator: { kind: 'TextRange', start, end: start + quote.length },
    });
    expect(await verify('Bread is baked on the ground floor')).toMatchObject({
      support: 'VERIFIED',
      quote: 'Bread is baked on the ground floor',
      locator: { kind: 'PageRegion', page: 3 },
    });
  });

  it('is supported where a sentence is close and has its numbers and names', async () => {
    expect(
      await verify('Every 2000 hours the seal of pump P-101 must be serviced, by Acme Corporation.'),
    ).toMatchObject({
      support: 'SUPPORTED',
      chunkId: passages[0]!.chunkId,
      quote: expect.stringContaining('2,000 hours'),
    });
  });

  it.each([
    ['another number', 'Every 500 hours the seal of pump P-101 must be serviced, by Acme Corporation.'],
    ['a number more', 'Every 2,000 hours the 3 seals of pump P-101 must be serviced, by Acme Corporation.'],
    ['a number in words', 'Every eleven hours the seal of pump P-101 must be serviced, by Acme Corporation.'],
    ['another name', 'Every 2,000 hours the seal of pump P-102 must be serviced, by Acme Corporation.'],
    ['another company', 'Every 2,000 hours the seal of pump P-101 must be serviced, by Globex Corporation.'],
    ['nothing of the kind', 'The moon is made of cheese and dust.'],
    ['too few words', 'Pump.'],
  ])('is unsupported with %s', async (_, statement) => {
    expect(await verify(statement)).toEqual({
      support: 'UNSUPPORTED',
      chunkId: null,
      locator: null,
      quote: null,
    });
  });
});
