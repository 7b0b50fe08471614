import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Encoder } from '../ports/encoder.ts';
import { miniLmFolder, openMiniLm } from '../testing/mini-lm.ts';
import { silentLogger } from '../testing/silent-logger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { readEncoderModel } from './encoder-model.ts';
import { createOnnxEncoder } from './onnx-encoder.ts';

const dot = (a: Float32Array | undefined, b: Float32Array | undefined) =>
  Array.from(a ?? []).reduce((sum, value, index) => sum + value * (b?.[index] ?? 0), 0);

const passage = (words: number, seed: number) =>
  Array.from({ length: words }, (_, index) => `word${(index * seed) % 97}`).join(' ');

let encoder: Encoder;
beforeAll(async () => {
  encoder = await openMiniLm();
}, 300_000);
afterAll(async () => {
  await encoder[Symbol.asyncDispose]();
});

describe('vectors', () => {
  it('of texts that say the same are nearer than of texts that do not', async () => {
    const [cat, rug, revenue, income] = await encoder.encode(
      [
        'The cat sat on the mat.',
        'A cat was sitting on a rug.',
        'Quarterly revenue rose by eight percent.',
        'Sales in the last three months grew 8 %.',
      ],
      'passage',
    );
    expect(dot(cat, rug)).toBeGreaterThan(0.6);
    expect(dot(revenue, income)).toBeGreaterThan(0.5);
    expect(Math.abs(dot(cat, revenue))).toBeLessThan(0.2);
  });

  it('have 768 dimensions, zero-padded, and unit length', async () => {
    const [vector] = await encoder.encode(['pump'], 'passage');
    expect(vector).toHaveLength(768);
    expect(dot(vector, vector)).toBeCloseTo(1, 5);
    expect(vector?.subarray(384).every((value) => value === 0)).toBe(true);
  });

  it('of a text are the same whatever it is encoded beside', async () => {
    const texts = [3, 40, 11, 120, 7, 200, 25].map((words, index) => passage(words, index + 3));
    const together = await encoder.encode(texts, 'passage');
    for (const [index, text] of texts.entries()) {
      const [alone] = await encoder.encode([text], 'passage');
      const difference = Math.max(
        ...(alone ?? []).map((value, at) => Math.abs(value - (together[index]?.[at] ?? 0))),
      );
      expect(difference).toBeLessThan(1e-5);
    }
  });

  it('come in the order of the texts, also of an empty one', async () => {
    const texts = Array.from({ length: 70 }, (_, index) =>
      index === 5 ? '' : passage(1 + (index % 9), index + 2),
    );
    const vectors = await encoder.encode(texts, 'passage');
    const [last] = await encoder.encode([texts[69] ?? ''], 'passage');
    expect(vectors).toHaveLength(70);
    expect(dot(vectors[69], last)).toBeCloseTo(1, 4);
    expect(vectors.every((vector) => Math.abs(dot(vector, vector) - 1) < 1e-4)).toBe(true);
  });

  it('depend on the first 256 tokens only', async () => {
    const long = passage(400, 7);
    const [a, b] = await encoder.encode([long, `${long} and more`], 'passage');
    expect(dot(a, b)).toBeCloseTo(1, 5);
  });
});

describe('many callers', () => {
  it('are served together, each with its own vectors', async () => {
    const texts = Array.from({ length: 24 }, (_, index) => passage(5, index + 2));
    const each = await Promise.all(texts.map((text) => encoder.encode([text], 'passage')));
    const [expected] = await encoder.encode([texts[17] ?? ''], 'passage');
    expect(dot(each[17]?.[0], expected)).toBeCloseTo(1, 5);
  });

  it('leave the event loop free', async () => {
    let turns = 0;
    const count = setInterval(() => turns++, 1);
    await encoder.encode(
      Array.from({ length: 16 }, (_, index) => passage(200, index + 2)),
      'passage',
    );
    clearInterval(count);
    // Were the model run on this thread, a batch would be one turn.
    expect(turns).toBeGreaterThan(10);
  });
});

describe('the fingerprint', () => {
  it('is that of the model’s files, and changes with each that decides a vector', async () => {
    const folder = await miniLmFolder();
    const original = await readEncoderModel(folder);
    expect(original).toMatchObject({ pooling: 'mean', maxTokens: 256, prompts: { query: '', passage: '' } });
    expect(encoder.description).toMatchObject({ fingerprint: original.fingerprint, maxTokens: 256 });

    await using copy = await temporaryDirectory();
    await cp(folder, copy.path, { recursive: true });
    expect((await readEncoderModel(copy.path)).fingerprint).toBe(original.fingerprint);
    const changes: Record<string, string> = {
      'sentence_bert_config.json': '{"max_seq_length": 128}',
      '1_Pooling/config.json': '{"pooling_mode_cls_token": true}',
      'config_sentence_transformers.json': '{"prompts": {"query": "query: "}}',
    };
    const seen = new Set([original.fingerprint]);
    for (const [file, content] of Object.entries(changes)) {
      await writeFile(join(copy.path, file), content);
      seen.add((await readEncoderModel(copy.path)).fingerprint);
    }
    expect(seen.size).toBe(4);
    expect(await readEncoderModel(copy.path)).toMatchObject({
      pooling: 'cls',
      maxTokens: 128,
      prompts: { query: 'query: ', passage: '' },
    });
  });
});

describe('a query prompt', () => {
  it('is put before queries and not before passages', async () => {
    await using copy = await temporaryDirectory();
    await cp(await miniLmFolder(), copy.path, { recursive: true });
    await writeFile(
      join(copy.path, 'config_sentence_transformers.json'),
      JSON.stringify({ prompts: { query: 'a question about pumps: ' } }),
    );
    await using prompted = await createOnnxEncoder({
      folder: copy.path,
      model: 'prompted',
      threads: 1,
      executionProviders: ['cpu'],
      batchSize: 8,
      queueSize: 8,
      logger: silentLogger,
    });
    const [query] = await prompted.encode(['service interval'], 'query');
    const [passageVector] = await prompted.encode(['a question about pumps: service interval'], 'passage');
    const [plain] = await prompted.encode(['service interval'], 'passage');
    expect(dot(query, passageVector)).toBeCloseTo(1, 5);
    expect(dot(query, plain)).toBeLessThan(0.99);
  });
});

describe('a model that cannot be used', () => {
  const open = (folder: string, executionProviders = ['cpu']) =>
    createOnnxEncoder({
      folder,
      model: 'wrong',
      threads: 1,
      executionProviders,
      batchSize: 8,
      queueSize: 8,
      logger: silentLogger,
    });

  it('is refused with the name of the file that is missing or wrong', async () => {
    await using copy = await temporaryDirectory();
    await cp(await miniLmFolder(), copy.path, { recursive: true });
    await rm(join(copy.path, 'onnx'), { recursive: true });
    await expect(open(copy.path)).rejects.toThrow('onnx/model_quantized.onnx');
    await writeFile(join(copy.path, 'model.onnx'), 'no model');
    await expect(open(copy.path)).rejects.toThrow(/cpu: .*model\.onnx/);
    await writeFile(join(copy.path, '1_Pooling/config.json'), '{}');
    await expect(open(copy.path)).rejects.toThrow('either mean or CLS');
    const tokenizer = JSON.parse(await readFile(join(await miniLmFolder(), 'tokenizer.json'), 'utf8'));
    await writeFile(join(copy.path, '1_Pooling/config.json'), '{"pooling_mode_mean_tokens": true}');
    await writeFile(
      join(copy.path, 'tokenizer.json'),
      JSON.stringify({ ...tokenizer, pre_tokenizer: { type: 'Metaspace' } }),
    );
    await expect(open(copy.path)).rejects.toThrow('BertPreTokenizer');
  });

  it('takes the next execution provider, and says which it uses', async () => {
    await using cpu = await open(await miniLmFolder(), ['no-such-provider', 'cpu']);
    expect(cpu.description.executionProvider).toBe('cpu');
    await expect(open(await miniLmFolder(), ['no-such-provider'])).rejects.toThrow('no-such-provider');
  });
});

describe('when it is disposed of', () => {
  it('refuses what waits as busy', async () => {
    const short = await openMiniLm();
    const waiting = Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => short.encode([passage(150, index + 2)], 'passage')),
    );
    await Promise.resolve();
    await short[Symbol.asyncDispose]();
    const results = await waiting;
    expect(results.some((result) => result.status === 'rejected' && result.reason.code === 'BUSY')).toBe(
      true,
    );
    await expect(short.encode(['late'], 'query')).rejects.toMatchObject({ code: 'BUSY' });
  });
});
