import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { TributaryError } from '../errors.ts';
import { createOpenaiTranscriber, type OpenaiTranscriberOptions } from './openai-transcriber.ts';
import { joined, silence, tone, whiteNoise } from './testing/sounds.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, form: FormData) => void;

/** A service that answers each request with the next of some answers, and the last one from then on. */
async function serve(...answers: readonly Answer[]) {
  const requests: { url: string; authorization: string | undefined; form: FormData }[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const type = request.headers['content-type'] ?? '';
      const form = await new Response(Buffer.concat(parts), {
        headers: { 'content-type': type },
      }).formData();
      requests.push({ url: request.url ?? '', authorization: request.headers.authorization, form });
      answers[Math.min(requests.length, answers.length) - 1]?.(request, response, form);
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const json =
  (status: number, content: unknown, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(content));
  };

const transcript = json(200, {
  text: 'Close the valve. Open the door.',
  segments: [
    { start: 0.5, end: 2, text: ' Close the valve.', avg_logprob: -0.2, no_speech_prob: 0.01 },
    { start: 2.5, end: 4, text: ' Open the door.', avg_logprob: -0.3, no_speech_prob: 0.7 },
    { start: 4, end: 4.5, text: ' Thank you for watching!', avg_logprob: -0.9, no_speech_prob: 0.9 },
  ],
});

const key = 'sk-very-secret';
const speech = joined(silence(0.5), whiteNoise(4, 0.2), silence(0.5));
const transcriberOf = (baseUrl: string, others: Partial<OpenaiTranscriberOptions> = {}) =>
  createOpenaiTranscriber({ baseUrl, model: 'whisper-1', apiKey: key, retryDelayMs: 1, ...others });

async function failureOf(promise: Promise<unknown>): Promise<TributaryError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TributaryError)) throw new Error(`It did not fail as expected: ${String(error)}`);
  return error;
}

describe('a service that writes down speech', () => {
  it('is sent a WAV of 16 kHz, and its segments are taken but for those it takes for no speech', async () => {
    await using service = await serve(transcript);
    await using transcriber = transcriberOf(service.baseUrl);
    expect(await transcriber.transcribe(speech)).toEqual([
      { startMs: 500, endMs: 2000, text: 'Close the valve.' },
      { startMs: 2500, endMs: 4000, text: 'Open the door.' },
    ]);
    const [request] = service.requests;
    expect(request?.url).toBe('/v1/audio/transcriptions');
    expect(request?.authorization).toBe(`Bearer ${key}`);
    expect(request?.form.get('model')).toBe('whisper-1');
    expect(request?.form.get('response_format')).toBe('verbose_json');
    const file = request?.form.get('file');
    const wav = Buffer.from(await (file as File).arrayBuffer());
    expect(wav.toString('latin1', 0, 4)).toBe('RIFF');
    expect(wav.readUInt32LE(24)).toBe(16_000);
    expect(wav.length).toBe(44 + speech.length * 2);
    expect(wav.readInt16LE(44 + 2 * 20_000) / 32_767).toBeCloseTo(speech[20_000] ?? 0, 3);
  });

  it('is asked in parts for a long recording, whose times go on', async () => {
    await using service = await serve(transcript);
    await using transcriber = transcriberOf(service.baseUrl);
    const long = joined(speech, silence(300), speech);
    expect((await transcriber.transcribe(long)).map(({ startMs }) => startMs)).toEqual([
      500, 2500, 300_500, 302_500,
    ]);
  });

  it('is not asked about silence or a hum', async () => {
    await using service = await serve(transcript);
    await using transcriber = transcriberOf(service.baseUrl);
    expect(await transcriber.transcribe(joined(silence(60), silence(300)))).toEqual([]);
    expect(await transcriber.transcribe(tone(30, 50))).toEqual([]);
    expect(service.requests).toHaveLength(0);
  });

  it('gives text without times as one segment', async () => {
    await using service = await serve(json(200, { text: ' Hello. ' }));
    await using transcriber = transcriberOf(service.baseUrl);
    expect(await transcriber.transcribe(speech)).toEqual([{ startMs: 0, endMs: 5000, text: 'Hello.' }]);
  });

  it('is asked again when it is busy or fails, and no more than four times', async () => {
    await using service = await serve(
      json(429, {}, { 'retry-after': '0' }),
      json(503, {}),
      json(500, {}),
      transcript,
    );
    await using transcriber = transcriberOf(service.baseUrl);
    expect(await transcriber.transcribe(speech)).toHaveLength(2);
    expect(service.requests).toHaveLength(4);

    await using broken = await serve(json(500, { error: `the key ${key} met a bug at 10.0.0.7` }));
    await using other = transcriberOf(broken.baseUrl);
    const failure = await failureOf(other.transcribe(speech));
    expect(broken.requests).toHaveLength(4);
    expect(failure).toMatchObject({ code: 'UPSTREAM', service: 'transcriber', retryable: true });
    expect(failure.publicMessage).toContain('HTTP 500');
    expect(failure.publicMessage).not.toContain(key);
    expect(failure.publicMessage).not.toContain('10.0.0.7');
  });

  it.each([
    [401, 'TRIBUTARY_TRANSCRIPTION_API_KEY'],
    [404, 'TRIBUTARY_TRANSCRIPTION_MODEL'],
    [400, 'HTTP 400'],
  ])('is not asked again after status %i, and the message says what to check', async (status, hint) => {
    await using service = await serve(json(status, { error: { message: `bad key ${key}` } }));
    await using transcriber = transcriberOf(service.baseUrl);
    const failure = await failureOf(transcriber.transcribe(speech));
    expect(failure.code).toBe('UPSTREAM');
    expect(failure.publicMessage).toContain(hint);
    expect(failure.publicMessage).not.toContain(key);
    expect(service.requests).toHaveLength(1);
  });

  it('that sends something else is an upstream failure', async () => {
    const notJson: Answer = (_, response) => response.end('<html>');
    for (const answer of [notJson, json(200, { segments: 'none' })]) {
      await using service = await serve(answer);
      await using transcriber = transcriberOf(service.baseUrl);
      const { publicMessage } = await failureOf(transcriber.transcribe(speech));
      expect(publicMessage).toContain('something else than a transcript');
    }
  });

  it('that does not answer in time is given up', async () => {
    await using service = await serve(() => undefined);
    await using transcriber = transcriberOf(service.baseUrl, { timeoutMs: 30 });
    const { publicMessage } = await failureOf(transcriber.transcribe(speech));
    expect(publicMessage).toContain('did not answer within 30 ms');
  });

  it('that cannot be reached is named by its setting', async () => {
    const { baseUrl, [Symbol.asyncDispose]: close } = await serve(transcript);
    await close();
    await using transcriber = transcriberOf(baseUrl);
    const { publicMessage } = await failureOf(transcriber.transcribe(speech));
    expect(publicMessage).toContain('TRIBUTARY_TRANSCRIPTION_URL');
  });

  it('is let go of when the caller gives up', async () => {
    const abort = new AbortController();
    const reason = new Error('not wanted');
    await using service = await serve(() => abort.abort(reason));
    await using transcriber = transcriberOf(service.baseUrl);
    await expect(transcriber.transcribe(speech, abort.signal)).rejects.toBe(reason);
    expect(service.requests).toHaveLength(1);
  });
});
