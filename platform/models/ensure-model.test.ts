import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TributaryError } from '../errors.ts';
import { makeWheel } from '../testing/make-wheel.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { ensureLanguageModel } from './ensure-language-model.ts';
import { type EnsureModelOptions, ensureModel } from './ensure-model.ts';
import { ensureTextEncoder } from './ensure-text-encoder.ts';
import { findModel, type LockedModel, type ModelSource, readModelLock } from './model-lock.ts';

const weights = randomBytes(300_000);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const hubSource = { hub: { repository: 'org/model', revision: 'abc', path: 'onnx/model.onnx' } };
const packageSource = { package: { name: 'test-weights', version: '1.0', member: 'test_weights/w.bin' } };

const encoderOf = (sources: ModelSource[], bytes: Buffer = weights): LockedModel => ({
  name: 'small',
  kind: 'text-encoder',
  licence: 'MIT',
  files: [{ path: 'onnx/model.onnx', bytes: bytes.length, sha256: sha256(bytes), sources }],
});

const languageModel = (name: string, memoryBytes: number, source: ModelSource): LockedModel => ({
  name,
  kind: 'language-model',
  licence: 'MIT',
  contextTokens: 2048,
  answersWell: memoryBytes > 0,
  memoryBytes,
  files: [{ path: `${name}.gguf`, bytes: weights.length, sha256: sha256(weights), sources: [source] }],
});

/** A model hub whose behaviour each test chooses. */
async function startHub(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const requests: { method: string; url: string; range: string | undefined }[] = [];
  const server = createServer((request, response) => {
    requests.push({
      method: request.method ?? '',
      url: request.url ?? '',
      range: request.headers.range,
    });
    if (request.method === 'HEAD') response.end();
    else answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    downloads: () => requests.filter(({ method }) => method === 'GET'),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const rangeStart = (request: IncomingMessage) =>
  Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);

/** Serves the weights as hubs do, ranges included. */
const serve = (request: IncomingMessage, response: ServerResponse, bytes: Buffer = weights) => {
  const start = rangeStart(request);
  if (request.headers.range !== undefined) {
    response.writeHead(206, { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` });
  }
  response.end(bytes.subarray(start));
};

/** Sends the beginning of what was asked for, then breaks the connection. */
const breakOff = (request: IncomingMessage, response: ServerResponse, count: number) => {
  const start = rangeStart(request);
  if (request.headers.range === undefined) response.writeHead(200, { 'content-length': weights.length });
  else {
    response.writeHead(206, {
      'content-range': `bytes ${start}-${weights.length - 1}/${weights.length}`,
      'content-length': weights.length - start,
    });
  }
  response.write(weights.subarray(start, start + count), () => response.destroy());
};

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeEach(async () => {
  directory = await temporaryDirectory();
  // Nothing of these tests leaves the machine.
  vi.stubEnv('PIP_NO_INDEX', '1');
  vi.stubEnv('PIP_FIND_LINKS', directory.path);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await directory[Symbol.asyncDispose]();
});

const optionsFor = (hub: string | null, model: LockedModel, more: Partial<EnsureModelOptions> = {}) => ({
  directory: join(directory.path, 'models'),
  hub,
  offline: false,
  models: [model],
  retryDelayMs: 1,
  ...more,
});

const failureOf = async (promise: Promise<unknown>): Promise<TributaryError> => {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TributaryError);
  return error as TributaryError;
};

describe('a model from the hub', () => {
  it('is downloaded, checked and then left alone', async () => {
    await using hub = await startHub(serve);
    const options = optionsFor(hub.url, encoderOf([hubSource]));
    const progress: number[] = [];
    const first = await ensureModel('small', {
      ...options,
      onProgress: ({ receivedBytes, totalBytes }) => progress.push(receivedBytes / totalBytes),
    });
    expect(await readFile(first.weights)).toEqual(weights);
    expect(hub.downloads()[0]?.url).toBe('/org/model/resolve/abc/onnx/model.onnx');
    expect(progress.at(-1)).toBe(1);
    const second = await ensureModel('small', options);
    expect(second).toEqual(first);
    expect(hub.downloads()).toHaveLength(1);
    expect(await readdir(join(first.directory, 'onnx'))).toEqual(['model.onnx']);
  });

  it('goes on where a broken connection stopped', async () => {
    let calls = 0;
    await using hub = await startHub((request, response) =>
      calls++ < 2 ? breakOff(request, response, 100_000) : serve(request, response),
    );
    const { weights: file } = await ensureModel('small', optionsFor(hub.url, encoderOf([hubSource])));
    expect(await readFile(file)).toEqual(weights);
    const ranges = hub.downloads().map(({ range }) => range);
    expect(ranges[0]).toBeUndefined();
    expect(ranges.at(-1)).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('goes on after a restart with the part that is there', async () => {
    await using hub = await startHub(serve);
    const options = optionsFor(hub.url, encoderOf([hubSource]));
    await mkdir(join(options.directory, 'small', 'onnx'), { recursive: true });
    await writeFile(join(options.directory, 'small', 'onnx', 'model.onnx.part'), weights.subarray(0, 1234));
    const { weights: file } = await ensureModel('small', options);
    expect(await readFile(file)).toEqual(weights);
    expect(hub.downloads().map(({ range }) => range)).toEqual(['bytes=1234-']);
  });

  it('begins anew where the server knows no ranges', async () => {
    await using hub = await startHub((_, response) => response.end(weights));
    const options = optionsFor(hub.url, encoderOf([hubSource]));
    await mkdir(join(options.directory, 'small', 'onnx'), { recursive: true });
    await writeFile(join(options.directory, 'small', 'onnx', 'model.onnx.part'), randomBytes(1234));
    const { weights: file } = await ensureModel('small', options);
    expect(await readFile(file)).toEqual(weights);
  });

  it('keeps nothing of bytes that are not the ones of the lock file, and says so', async () => {
    await using hub = await startHub((request, response) =>
      serve(request, response, randomBytes(weights.length)),
    );
    const options = optionsFor(hub.url, encoderOf([hubSource]));
    const error = await failureOf(ensureModel('small', options));
    expect(error.publicMessage).toMatch(/SHA-256 [0-9a-f]{64} instead of [0-9a-f]{64}, and was deleted/);
    expect(await readdir(join(options.directory, 'small', 'onnx'))).toEqual([]);
  });

  it('is refused in one sentence that says what is missing and where to put it', async () => {
    await using hub = await startHub((_, response) => response.writeHead(404).end());
    const options = optionsFor(hub.url, encoderOf([hubSource]));
    const error = await failureOf(ensureModel('small', options));
    expect(error).toMatchObject({ code: 'UPSTREAM', reason: 'MODEL_UNAVAILABLE' });
    expect(error.publicMessage).toContain('status 404');
    expect(error.publicMessage).toContain(join(options.directory, 'small', 'onnx', 'model.onnx'));
    expect(error.publicMessage).toContain(sha256(weights));
    expect(error.publicMessage).not.toContain('\n');
  });

  it('is downloaded once by many that ask at once', async () => {
    await using hub = await startHub(serve);
    const options = optionsFor(hub.url, encoderOf([hubSource]));
    await Promise.all([1, 2, 3, 4].map(() => ensureModel('small', options)));
    expect(hub.downloads()).toHaveLength(1);
  });

  it('takes over the lock of a process that has died', async () => {
    await using hub = await startHub(serve);
    const options = optionsFor(hub.url, encoderOf([hubSource]));
    await mkdir(options.directory, { recursive: true });
    const lock = join(options.directory, 'small.lock');
    await writeFile(lock, '{}');
    const longAgo = new Date(Date.now() - 600_000);
    await utimes(lock, longAgo, longAgo);
    await ensureModel('small', options);
    expect(existsSync(lock)).toBe(false);
  });

  it('stops when it is told to', async () => {
    const abort = new AbortController();
    await using hub = await startHub((_, response) => {
      response.writeHead(200, { 'content-length': weights.length });
      response.write(weights.subarray(0, 100_000));
    });
    const options = optionsFor(hub.url, encoderOf([hubSource]), {
      signal: abort.signal,
      onProgress: ({ receivedBytes }) => {
        if (receivedBytes > 0) abort.abort(new Error('stopped'));
      },
    });
    await expect(ensureModel('small', options)).rejects.toThrow('stopped');
    expect(await readdir(options.directory)).toEqual(['small']);
  });

  it.runIf(process.platform === 'linux')('says that the disk is full', async () => {
    await using hub = await startHub(serve);
    const options = optionsFor(hub.url, encoderOf([hubSource]));
    await mkdir(join(options.directory, 'small', 'onnx'), { recursive: true });
    await symlink('/dev/full', join(options.directory, 'small', 'onnx', 'model.onnx.part'));
    const error = await failureOf(ensureModel('small', options));
    expect(error).toMatchObject({ code: 'BUSY', reason: 'STORAGE_FULL' });
    expect(error.publicMessage).toContain('TRIBUTARY_MODELS');
  });
});

describe('a model from a package', () => {
  it('is what the hub lacks', async () => {
    await makeWheel(directory.path, 'test-weights', '1.0', { 'test_weights/w.bin': weights });
    await using hub = await startHub((_, response) => response.writeHead(404).end());
    const options = optionsFor(hub.url, encoderOf([hubSource, packageSource]));
    const { weights: file } = await ensureModel('small', options);
    expect(await readFile(file)).toEqual(weights);
    expect(await readdir(options.directory)).toEqual(['small']);
  });

  it('is checked like any other', async () => {
    await makeWheel(directory.path, 'test-weights', '1.0', {
      'test_weights/w.bin': randomBytes(weights.length),
    });
    const error = await failureOf(ensureModel('small', optionsFor(null, encoderOf([packageSource]))));
    expect(error.publicMessage).toContain('instead of');
  });

  it('is refused with what pip says', async () => {
    const error = await failureOf(ensureModel('small', optionsFor(null, encoderOf([packageSource]))));
    expect(error.publicMessage).toContain('the Python package test-weights 1.0: pip says');
  });

  it.runIf(process.platform !== 'win32')('says that there is no Python, or no pip', async () => {
    const bin = join(directory.path, 'bin');
    await mkdir(bin);
    vi.stubEnv('PATH', bin);
    const options = optionsFor(null, encoderOf([packageSource]));
    expect((await failureOf(ensureModel('small', options))).publicMessage).toContain('there is no Python 3');
    await writeFile(join(bin, 'python3'), '#!/bin/sh\necho "python3: No module named pip" >&2\nexit 1\n');
    await chmod(join(bin, 'python3'), 0o755);
    expect((await failureOf(ensureModel('small', options))).publicMessage).toContain('Python has no pip');
  });
});

describe('offline', () => {
  it('uses a folder that was filled by hand', async () => {
    const options = optionsFor(null, encoderOf([hubSource]), { offline: true });
    await mkdir(join(options.directory, 'small', 'onnx'), { recursive: true });
    await writeFile(join(options.directory, 'small', 'onnx', 'model.onnx'), weights);
    expect((await ensureModel('small', options)).directory).toBe(join(options.directory, 'small'));
  });

  it('says which files are missing or wrong', async () => {
    const options = optionsFor(null, encoderOf([hubSource]), { offline: true });
    expect((await failureOf(ensureModel('small', options))).publicMessage).toContain('TRIBUTARY_OFFLINE');
    await mkdir(join(options.directory, 'small', 'onnx'), { recursive: true });
    await writeFile(join(options.directory, 'small', 'onnx', 'model.onnx'), 'too short');
    expect((await failureOf(ensureModel('small', options))).publicMessage).toContain(
      `it has 9 bytes instead of ${weights.length}`,
    );
  });

  it('notices a file that was changed after it was checked', async () => {
    const options = optionsFor(null, encoderOf([hubSource]), { offline: true });
    const file = join(options.directory, 'small', 'onnx', 'model.onnx');
    await mkdir(join(options.directory, 'small', 'onnx'), { recursive: true });
    await writeFile(file, weights);
    await ensureModel('small', options);
    await writeFile(file, randomBytes(weights.length));
    await utimes(file, new Date(), new Date(Date.now() + 5_000));
    expect((await failureOf(ensureModel('small', options))).publicMessage).toContain('its SHA-256 is');
  });
});

describe('the language model that auto chooses', () => {
  const models = [
    languageModel('large', 8, { hub: { repository: 'org/large', revision: 'abc', path: 'large.gguf' } }),
    languageModel('medium', 3, { hub: { repository: 'org/medium', revision: 'abc', path: 'medium.gguf' } }),
    languageModel('packaged', 0, packageSource),
  ];
  const options = (hub: string | null, more: object = {}) => ({
    ...optionsFor(hub, encoderOf([])),
    models,
    memoryBytes: 16,
    ...more,
  });

  it('is the best that the hub has and the memory allows', async () => {
    await using hub = await startHub(serve);
    expect((await ensureLanguageModel('auto', options(hub.url))).model).toBe('large');
    expect((await ensureLanguageModel('auto', options(hub.url, { memoryBytes: 4 }))).model).toBe('medium');
  });

  it('is the packaged one where the hub cannot be reached, and the reason is told', async () => {
    await makeWheel(directory.path, 'test-weights', '1.0', { 'test_weights/w.bin': weights });
    const skipped: string[] = [];
    const chosen = await ensureLanguageModel('auto', {
      ...options('http://127.0.0.1:9'),
      onSkip: (model, reason) => skipped.push(`${model}: ${reason}`),
    });
    expect(chosen).toMatchObject({ model: 'packaged', answersWell: false, contextTokens: 2048 });
    expect(skipped).toHaveLength(2);
    expect(skipped[0]).toContain('large: the model hub 127.0.0.1:9');
  });

  it('is offline the best that is there', async () => {
    const folder = join(directory.path, 'models', 'medium');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'medium.gguf'), weights);
    const chosen = await ensureLanguageModel('auto', options(null, { offline: true }));
    expect(chosen).toEqual({
      model: 'medium',
      file: join(folder, 'medium.gguf'),
      contextTokens: 2048,
      answersWell: true,
    });
  });

  it('can be a file of the user’s own, but no encoder', async () => {
    const file = join(directory.path, 'mine.gguf');
    await writeFile(file, 'GGUF');
    expect(await ensureLanguageModel(file, options(null))).toMatchObject({ model: 'mine', file });
    const error = await failureOf(
      ensureLanguageModel('small', { ...options(null), models: [encoderOf([hubSource])] }),
    );
    expect(error.reason).toBe('WRONG_MODEL');
  });
});

describe('the text encoder', () => {
  it('can be a folder of the user’s own', async () => {
    expect(await ensureTextEncoder(directory.path, optionsFor(null, encoderOf([hubSource])))).toMatchObject({
      folder: directory.path,
    });
  });

  it('is refused when there is none of that name, with those that there are', async () => {
    const error = await failureOf(ensureTextEncoder('nothing', optionsFor(null, encoderOf([hubSource]))));
    expect(error).toMatchObject({ code: 'REJECTED_INPUT', reason: 'UNKNOWN_MODEL' });
    expect(error.publicMessage).toContain('Known are small');
  });
});

describe('the lock file', () => {
  it('has the models that the settings name by default', () => {
    const models = readModelLock();
    expect(findModel('all-minilm-l6-v2-int8', models).kind).toBe('text-encoder');
    expect(models.filter(({ kind }) => kind === 'language-model').at(-1)).toMatchObject({ memoryBytes: 0 });
  });

  it('has texts of its own that are what it says of them', () => {
    for (const { files } of readModelLock()) {
      for (const file of files) {
        for (const source of file.sources) {
          if (!('text' in source)) continue;
          expect(sha256(Buffer.from(source.text))).toBe(file.sha256);
          expect(Buffer.byteLength(source.text)).toBe(file.bytes);
        }
      }
    }
  });
});
