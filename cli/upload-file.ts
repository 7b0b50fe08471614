import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { request } from 'undici';
import type { TributaryClient } from './client.ts';
import { CommandFailure, exitCodes } from './failure.ts';
import { CreateUploadOperation } from './operations.generated.ts';
import { whileBusy } from './while-busy.ts';

/**
 * Sends the bytes of a file to a one-time address. They are streamed: the file is never in memory whole.
 *
 * @param onProgress is told the share of the bytes that was sent, from 0 to 1
 * @returns the upload's id, for `ingestDocument`
 * @throws CommandFailure where the file cannot be read, or is refused.
 */
export async function uploadFile(
  client: TributaryClient,
  { path, byteSize }: { readonly path: string; readonly byteSize: number },
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<string> {
  onProgress(0);
  const input = { fileName: basename(path), ...(byteSize <= 2_147_483_647 ? { byteSize } : {}) };
  const ticket = await whileBusy(
    signal,
    async () => (await client.execute(CreateUploadOperation, { input }, signal)).createUpload,
  );
  if (byteSize > ticket.maxBytes) {
    throw new CommandFailure(
      exitCodes.usage,
      `The file has ${byteSize.toLocaleString('en-US')} bytes; at most ${ticket.maxBytes.toLocaleString('en-US')} are taken.`,
    );
  }
  const url = client.resolve(ticket.putUrl);
  let sent = 0;
  const counted = new Transform({
    transform(bytes: Buffer, _encoding, done) {
      sent += bytes.length;
      onProgress(sent / Math.max(1, byteSize));
      done(null, bytes);
    },
  });
  const reading = pipeline(createReadStream(path), counted, { signal });
  const sending = request(url, {
    method: 'PUT',
    headers: {
      'content-length': String(byteSize),
      'content-type': 'application/octet-stream',
      // The address is its own secret; who asks is said only to the server that is asked.
      ...(url.origin === new URL(client.url).origin ? client.headers : {}),
    },
    body: counted,
    signal,
  });
  const [response] = await Promise.all([sending, reading.catch(() => undefined)]).catch((error: unknown) => {
    if (signal.aborted) throw error;
    if (isReadError(error))
      throw new CommandFailure(exitCodes.failed, `The file cannot be read (${error.code}).`);
    throw new CommandFailure(exitCodes.unreachable, 'The upload broke off. Try again.', { cause: error });
  });
  const answer = await response.body.text();
  if (response.statusCode >= 300) throw refusalOf(response.statusCode, answer);
  return ticket.id;
}

const isReadError = (error: unknown): error is { code: string } =>
  error instanceof Error &&
  'code' in error &&
  'syscall' in error &&
  /^(open|read)$/.test(String(error.syscall));

function refusalOf(status: number, body: string): CommandFailure {
  let message = `The upload was refused with status ${status}.`;
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) {
      const said = 'message' in parsed ? parsed.message : 'error' in parsed ? parsed.error : undefined;
      const inner = typeof said === 'object' && said !== null && 'message' in said ? said.message : said;
      if (typeof inner === 'string') message = inner;
    }
  } catch {
    // What is not JSON is not for people either.
  }
  if (status === 401 || status === 403) return new CommandFailure(exitCodes.denied, message);
  return new CommandFailure(status === 503 ? exitCodes.busy : exitCodes.usage, message);
}
