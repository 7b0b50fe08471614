import { rejected } from '../../../../platform/errors.ts';
import { ReaderThread, ReaderThreadError } from '../reader-thread.ts';
import type { OfficeReply, OfficeRequest } from './office-protocol.ts';
import { brokenOffice } from './open-zip.ts';

const maxMemoryMb = 768;
const timeoutMs = 60_000;

/**
 * Has a document read in a thread that is there for it alone.
 *
 * @throws TributaryError `REJECTED_INPUT` with reason `BROKEN_OFFICE`, or `TOO_LARGE` where it takes too much time or
 * memory.
 */
export async function askOfficeThread<Kind extends OfficeRequest['kind']>(
  kind: Kind,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<Extract<OfficeReply, { readonly kind: Kind }>> {
  await using thread = new ReaderThread<OfficeRequest, OfficeReply>(
    import.meta.url,
    './office-worker',
    maxMemoryMb,
  );
  try {
    const reply = await thread.ask({ kind, bytes }, timeoutMs, signal);
    if (reply.kind === 'broken') throw brokenOffice(new Error(reply.detail), 'it cannot be read');
    return reply as Extract<OfficeReply, { readonly kind: Kind }>;
  } catch (error) {
    if (!(error instanceof ReaderThreadError)) throw error;
    throw rejected(
      'TOO_LARGE',
      'Reading the document takes too much time or memory. Split it, or export it as PDF, and send that.',
      { cause: error },
    );
  }
}
