import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { rejected } from '../errors.ts';

/** A signal that is aborted when the client goes before its response is whole. */
export function clientSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort(new DOMException('The client has gone.', 'AbortError'));
  });
  return controller.signal;
}

/** Node's headers as the standard's. */
export function headersOf(request: IncomingMessage): Headers {
  const headers = new Headers();
  const { rawHeaders } = request;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  }
  return headers;
}

/** Node's request as the standard's; its body is a stream, and nothing of it is buffered. */
export function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const method = incoming.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const origin = `http://${incoming.headers.host ?? 'localhost'}`;
  const init: RequestInit & { duplex?: 'half' } = { method, headers: headersOf(incoming), signal };
  if (hasBody) {
    init.body = Readable.toWeb(incoming) as unknown as ReadableStream<Uint8Array>;
    init.duplex = 'half';
  }
  return new Request(new URL(incoming.url ?? '/', origin), init);
}

/** Sends a response through Node, at the pace at which the client takes it. */
export async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.statusCode = response.status;
  const cookies = response.headers.getSetCookie();
  for (const [name, value] of response.headers) if (name !== 'set-cookie') outgoing.setHeader(name, value);
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies);
  if (!response.body || outgoing.req.method === 'HEAD') {
    await response.body?.cancel();
    outgoing.end();
    return;
  }
  outgoing.flushHeaders();
  await pipeline(response.body as AsyncIterable<Uint8Array>, outgoing);
}

/**
 * Reads a whole body.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `TOO_LARGE` past `maxBytes`, before the rest is read.
 */
export async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    rejected('TOO_LARGE', `The request has more than ${maxBytes} bytes, which is the most that is taken.`);
  if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBytes) throw tooLarge();
    parts.push(part);
  }
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
}

/** So much of a refused body is read and thrown away, so that its sender gets to read the refusal, in bytes. */
const mostDiscarded = 64 * 1024 * 1024;

/** Reads what is left of a refused request, and cuts a sender off that never ends. */
export function discardBody(incoming: IncomingMessage): void {
  if (incoming.complete) return;
  let size = 0;
  incoming.on('error', () => {});
  incoming.on('data', (part: Buffer) => {
    size += part.length;
    if (size > mostDiscarded) incoming.destroy();
  });
  incoming.resume();
}
