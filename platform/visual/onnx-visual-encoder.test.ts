import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Metrics } from '../ports/metrics.ts';
import type { Pixels } from '../ports/pixels.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { preprocess } from './preprocess.ts';
import { drawnPicture } from './testing/drawn-picture.ts';
import { openTinyEncoder, pictureVector, textVector, tinyModel } from './testing/tiny-models.ts';
import { readVisualModel } from './visual-model.ts';

const pictures = [drawnPicture(30, 20, 1), drawnPicture(9, 70, 2), drawnPicture(8, 8, 3)];

/** What the model must give for a picture, worked out here. */
async function expectedOf(folder: string, picture: Pixels): Promise<number[]> {
  const { preprocessing } = await readVisualModel(folder);
  const values = new Float32Array(3 * preprocessing.width * preprocessing.height);
  preprocess(picture, preprocessing, values);
  return pictureVector(values);
}

const differenceOf = (vector: Float32Array | undefined, expected: readonly number[]) =>
  Math.max(...expected.map((value, index) => Math.abs(value - (vector?.[index] ?? Number.NaN))));

/** A copy of a tiny model with some of its files left out. */
async function copyOf(name: Parameters<typeof tinyModel>[0], without: readonly string[] = []) {
  const copy = await temporaryDirectory();
  await cp(tinyModel(name), copy.path, { recursive: true });
  for (const file of without) await rm(join(copy.path, file));
  return copy;
}

const [begin, end, pad] = [22, 23, 1];
const words = 'a drawing of red blue circle square pump valve with two three and'.split(' ');
const ids = (text: string) => text.split(' ').map((word) => words.indexOf(word) + 2);

describe('vectors of pictures', () => {
  it.each([
    ['clip', ['onnx/vision_model_quantized.onnx', 'onnx/vision_model_fp16.onnx'], 1e-5],
    ['clip', ['onnx/vision_model_quantized.onnx', 'onnx/vision_model.onnx'], 2e-3],
    ['clip', [], 0.05],
    ['merged', [], 1e-5],
    ['siglip', [], 1e-5],
  ] as const)('are what the model %s without %j makes of them', async (name, without, tolerance) => {
    await using copy = await copyOf(name, without);
    await using encoder = await openTinyEncoder({ folder: copy.path });
    const vectors = await encoder.encodePictures(pictures);
    expect(vectors).toHaveLength(3);
    for (const [index, picture] of pictures.entries()) {
      const vector = vectors[index];
      expect(differenceOf(vector, await expectedOf(copy.path, picture))).toBeLessThan(tolerance);
      expect(vector).toHaveLength(768);
      expect(Math.hypot(...(vector ?? []))).toBeCloseTo(1, 5);
      expect(vector?.subarray(12).every((value) => value === 0)).toBe(true);
    }
  });

  it('are the same whatever they are encoded beside, also where the model quantises as it runs', async () => {
    await using encoder = await openTinyEncoder({ batchSize: 4 });
    const many = Array.from({ length: 11 }, (_, index) => drawnPicture(20 + index, 20, index));
    const dark = { width: 8, height: 8, data: new Uint8Array(192) };
    const together = await encoder.encodePictures([...many, dark]);
    const [alone] = await encoder.encodePictures([dark]);
    expect(together[11]).toEqual(alone);
  });

  it('leave the pictures as they were', async () => {
    await using encoder = await openTinyEncoder();
    const picture = drawnPicture(10, 10, 4);
    await encoder.encodePictures([picture]);
    expect(picture).toEqual(drawnPicture(10, 10, 4));
  });

  it('are of the picture alone where it stands in a larger buffer', async () => {
    await using encoder = await openTinyEncoder();
    const picture = drawnPicture(10, 10, 4);
    const buffer = Buffer.alloc(5000, 7);
    buffer.set(picture.data, 100);
    const view = buffer.subarray(100, 100 + picture.data.length);
    const [vector] = await encoder.encodePictures([{ ...picture, data: view }]);
    expect([vector]).toEqual(await encoder.encodePictures([picture]));
  });

  it('are refused for what is no picture', async () => {
    await using encoder = await openTinyEncoder();
    await expect(
      encoder.encodePictures([{ width: 10, height: 10, data: new Uint8Array(7) }]),
    ).rejects.toThrow('10 × 10 pixels has 7 bytes');
  });
});

describe('vectors of texts', () => {
  it('of CLIP are pooled at the end token, also of a text that is cut off', async () => {
    await using encoder = await openTinyEncoder();
    const long = 'red blue circle square pump valve with two three and';
    const vectors = await encoder.encodeTexts(['A red circle', 'a', long]);
    const expected = [
      [begin, ...ids('a red circle'), end],
      [begin, ...ids('a'), end],
      [begin, ...ids(long).slice(0, 8), end],
    ];
    for (const [index, tokens] of expected.entries()) {
      expect(differenceOf(vectors[index], textVector(tokens))).toBeLessThan(1e-5);
    }
  });

  it('are made with an attention mask where the model asks for one', async () => {
    await using encoder = await openTinyEncoder({ folder: tinyModel('masked') });
    const [short] = await encoder.encodeTexts(['a pump', 'a drawing of a blue square']);
    expect(differenceOf(short, textVector([begin, ...ids('a pump'), end]))).toBeLessThan(1e-5);
  });

  it('of SigLIP are of 64 tokens, filled up', async () => {
    await using encoder = await openTinyEncoder({ folder: tinyModel('siglip') });
    expect(encoder.description.maxTokens).toBe(64);
    const [vector] = await encoder.encodeTexts(['two pump']);
    const tokens = [...ids('two pump'), end, ...Array.from({ length: 61 }, () => pad)];
    expect(differenceOf(vector, textVector(tokens))).toBeLessThan(1e-5);
  });

  it('come from a model that has both towers in one file', async () => {
    await using encoder = await openTinyEncoder({ folder: tinyModel('merged') });
    const [vector] = await encoder.encodeTexts(['a valve']);
    expect(differenceOf(vector, textVector([begin, ...ids('a valve'), end]))).toBeLessThan(1e-5);
  });
});

describe('the fingerprint', () => {
  it('is known before anything is loaded, and changes with each file that decides a vector', async () => {
    await using copy = await copyOf('clip');
    const original = await readVisualModel(copy.path);
    await using encoder = await openTinyEncoder();
    expect(encoder.description).toMatchObject({
      fingerprint: original.fingerprint,
      dimension: 768,
      maxTokens: 10,
      executionProvider: 'cpu',
    });
    const seen = new Set([original.fingerprint]);
    const change = async (file: string, edit: (content: string) => string | Buffer) => {
      await writeFile(join(copy.path, file), edit(await readFile(join(copy.path, file), 'utf8')));
      seen.add((await readVisualModel(copy.path)).fingerprint);
    };
    await change('preprocessor_config.json', (content) => content.replace('0.48', '0.49'));
    await change('tokenizer_config.json', (content) => content.replace('10', '9'));
    await change('tokenizer.json', (content) => content.replace('pump', 'pipe'));
    await change('onnx/text_model.onnx', (content) => Buffer.from(`${content} `));
    await rm(join(copy.path, 'onnx/vision_model_quantized.onnx'));
    seen.add((await readVisualModel(copy.path)).fingerprint);
    expect(seen.size).toBe(6);
  });
});

describe('many callers', () => {
  it('are served together, each with its own vectors', async () => {
    await using encoder = await openTinyEncoder({ waitMs: 1 });
    const each = await Promise.all(pictures.map((picture) => encoder.encodePictures([picture])));
    expect(each.flat()).toEqual(await encoder.encodePictures(pictures));
  });

  it('are refused as busy once too many pictures wait', async () => {
    await using encoder = await openTinyEncoder({ queueSize: 4 });
    const calls = await Promise.allSettled(
      Array.from({ length: 12 }, () => encoder.encodePictures(pictures)),
    );
    expect(calls.some(({ status }) => status === 'fulfilled')).toBe(true);
    const refused = calls.find((call) => call.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'BUSY', reason: 'ENCODER_BUSY' });
  });

  it('are told so at once when they give up', async () => {
    await using encoder = await openTinyEncoder();
    const abort = new AbortController();
    const call = encoder.encodePictures(pictures, abort.signal);
    abort.abort(new Error('gone'));
    await expect(call).rejects.toThrow('gone');
    await expect(encoder.encodeTexts(['a'], abort.signal)).rejects.toThrow('gone');
  });

  it('are refused as busy when it is disposed of', async () => {
    const encoder = await openTinyEncoder();
    await encoder[Symbol.asyncDispose]();
    await expect(encoder.encodePictures(pictures)).rejects.toMatchObject({ code: 'BUSY' });
    await expect(encoder.encodeTexts(['late'])).rejects.toMatchObject({ code: 'BUSY' });
  });
});

describe('metrics', () => {
  it('say how much was encoded, in how many batches, what waits, and on which execution provider', async () => {
    const noted: string[] = [];
    const gauges = new Map<string, () => unknown>();
    const metrics: Metrics = {
      add: (name, labels, by = 1) => noted.push(`${name} ${Object.values(labels).join()} ${by}`),
      observe: (name, labels) => noted.push(`${name} ${Object.values(labels).join()}`),
      watch: (name, read) => {
        gauges.set(name, () => read(new AbortController().signal));
        return { [Symbol.dispose]: () => gauges.delete(name) };
      },
    };
    const encoder = await openTinyEncoder({ metrics, batchSize: 2 });
    const encoding = encoder.encodePictures(pictures);
    expect(gauges.get('tributary_visual_encoder_queue')?.()).toEqual([
      { labels: { kind: 'picture' }, value: 3 },
      { labels: { kind: 'text' }, value: 0 },
    ]);
    expect(gauges.get('tributary_encoder_provider')?.()).toEqual([]);
    await encoding;
    await encoder.encodeTexts(['a']);
    expect(noted).toEqual([
      'tributary_visual_encoder_batch_duration_seconds picture',
      'tributary_visual_encoder_batch_duration_seconds picture',
      'tributary_visual_encoder_encoded_total picture 3',
      'tributary_visual_encoder_batch_duration_seconds text',
      'tributary_visual_encoder_encoded_total text 1',
    ]);
    expect(gauges.get('tributary_encoder_provider')?.()).toEqual([
      { labels: { encoder: 'tiny', provider: 'cpu' }, value: 1 },
    ]);
    await encoder[Symbol.asyncDispose]();
    expect(gauges.size).toBe(0);
  });
});

describe('a model that cannot be used', () => {
  it('is refused at once with the name of the file that is missing or wrong', async () => {
    await using copy = await copyOf('masked', ['onnx/text_model.onnx']);
    const open = () => openTinyEncoder({ folder: copy.path });
    await expect(open()).rejects.toThrow('onnx/text_model.onnx');
    await writeFile(join(copy.path, 'tokenizer.json'), '{');
    await expect(open()).rejects.toThrow(/tokenizer\.json cannot be used/);
    await writeFile(join(copy.path, 'preprocessor_config.json'), '{"size": "large"}');
    await expect(open()).rejects.toThrow(/preprocessor_config\.json cannot be used/);
    await rm(join(copy.path, 'config.json'));
    await expect(open()).rejects.toThrow(/config\.json cannot be used/);
  });

  it('says at its first use what is wrong with its weights, and works once they are right', async () => {
    await using copy = await copyOf('masked');
    const weights = join(copy.path, 'onnx/vision_model.onnx');
    const right = await readFile(weights);
    await writeFile(weights, 'no model');
    await using encoder = await openTinyEncoder({ folder: copy.path });
    const failure = await encoder.encodePictures(pictures).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'UPSTREAM', service: 'visual-encoder' });
    expect(String((failure as Error).cause)).toContain('vision_model.onnx');
    expect(await encoder.encodeTexts(['a'])).toHaveLength(1);
    await writeFile(weights, right);
    expect(await encoder.encodePictures(pictures)).toHaveLength(3);
  });

  it('takes the next execution provider, and says which it uses', async () => {
    await using encoder = await openTinyEncoder({ executionProviders: ['no-such-provider', 'cpu'] });
    expect(encoder.description.executionProvider).toBe('no-such-provider or cpu');
    await encoder.encodeTexts(['a']);
    expect(encoder.description.executionProvider).toBe('cpu');
  });
});
