import { rejected, type TributaryError } from '../../../platform/errors.ts';
import type { Pixels } from '../../../platform/ports/pixels.ts';
import type { PdfOutline, PdfPage, PdfReply, PdfRequest } from './pdf-protocol.ts';
import { ReaderThread, ReaderThreadError } from './reader-thread.ts';

export interface PdfReaderOptions {
  /** How many PDFs are read at once; each has a thread. */
  readonly threads: number;
  /** How long opening a document, or reading one page, may take. */
  readonly timeoutMs: number;
  /** The most memory of one thread. */
  readonly maxMemoryMb: number;
}

/** A PDF that is open: it holds a thread until it is disposed of. */
export interface OpenPdf extends AsyncDisposable {
  readonly outline: PdfOutline;
  /** @returns null where the page cannot be read. */
  page(number: number, signal: AbortSignal): Promise<PdfPage | null>;
  /**
   * One of a page's pictures, by its place among them, or all as they stand on the page; best asked for before another
   * page is.
   *
   * @param maxSide the longer side has at most so many pixels.
   * @returns null where it cannot be read.
   */
  picture(
    page: number,
    picture: number | 'all',
    maxSide: number,
    signal: AbortSignal,
  ): Promise<Pixels | null>;
}

type PdfThread = ReaderThread<PdfRequest, PdfReply>;

/** How often the thread of one document may be lost, to one page each, before the document is given up. */
const maxLosses = 5;

/** Reads PDFs in threads of their own, so that none can block or bring down the process. */
export class PdfReader implements AsyncDisposable {
  readonly #options: PdfReaderOptions;
  readonly #idle: PdfThread[] = [];
  readonly #all = new Set<PdfThread>();
  readonly #waiting: (() => void)[] = [];
  #held = 0;

  constructor(options: Partial<PdfReaderOptions> = {}) {
    this.#options = { threads: 2, timeoutMs: 20_000, maxMemoryMb: 512, ...options };
  }

  /** Whether the PDF can be opened. @throws as `open` does. */
  async check(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const pdf = await this.open(bytes, signal);
    await pdf[Symbol.asyncDispose]();
  }

  /** @throws TributaryError `REJECTED_INPUT` with reason `ENCRYPTED_PDF` or `BROKEN_PDF`. */
  async open(bytes: Uint8Array, signal: AbortSignal): Promise<OpenPdf> {
    await this.#enter(signal);
    try {
      let [thread, outline] = await this.#openThread(bytes, signal);
      let losses = 0;
      let pictureLosses = 0;
      /** Asks; where the thread is lost over it, another one takes its place, and there is no answer. */
      const ask = async (
        request: PdfRequest,
        askSignal: AbortSignal,
      ): Promise<PdfReply | ReaderThreadError> => {
        try {
          return await thread.ask(request, this.#options.timeoutMs, askSignal);
        } catch (error) {
          if (!(error instanceof ReaderThreadError)) throw error;
          [thread] = await this.#openThread(bytes, askSignal);
          return error;
        }
      };
      return {
        outline,
        page: async (number, pageSignal) => {
          // A page with pictures that take too long or too much memory is read without them.
          for (const pictures of pictureLosses < maxLosses ? [true, false] : [false]) {
            const reply = await ask({ kind: 'page', page: number, pictures }, pageSignal);
            if (!(reply instanceof ReaderThreadError)) return reply.kind === 'page' ? reply : null;
            if (pictures) pictureLosses++;
            else if (++losses > maxLosses) throw brokenPdf('too many of its pages cannot be read', reply);
          }
          return null;
        },
        picture: async (page, picture, maxSide, pictureSignal) => {
          if (pictureLosses >= maxLosses) return null;
          const reply = await ask({ kind: 'picture', page, picture, maxSide }, pictureSignal);
          if (reply instanceof ReaderThreadError) pictureLosses++;
          else if (reply.kind === 'picture') return reply.pixels;
          return null;
        },
        [Symbol.asyncDispose]: async () => {
          if (thread.alive) this.#idle.push(thread);
          this.#leave();
        },
      };
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  async #openThread(bytes: Uint8Array, signal: AbortSignal): Promise<[PdfThread, PdfOutline]> {
    const thread = this.#thread();
    try {
      // The thread gets a copy: a lost one is replaced, and then the bytes are needed again.
      const reply = await thread.ask({ kind: 'open', bytes }, this.#options.timeoutMs, signal);
      if (reply.kind === 'opened' && reply.pages > 0) return [thread, reply];
      this.#idle.push(thread);
      throw reply.kind === 'encrypted' ? encryptedPdf() : brokenPdf('it cannot be opened');
    } catch (error) {
      if (error instanceof ReaderThreadError)
        throw brokenPdf('opening it takes too much time or memory', error);
      throw error;
    }
  }

  #thread(): PdfThread {
    for (let thread = this.#idle.pop(); thread !== undefined; thread = this.#idle.pop()) {
      if (thread.alive) return thread;
      this.#all.delete(thread);
    }
    const made = new ReaderThread<PdfRequest, PdfReply>(
      import.meta.url,
      './pdf-worker',
      this.#options.maxMemoryMb,
    );
    this.#all.add(made);
    return made;
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#held < this.#options.threads) {
      this.#held++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const admit = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(admit), 1);
        reject(signal.reason);
      };
      this.#waiting.push(admit);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** The place goes to the first who waits. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#held--;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#all].map((thread) => thread[Symbol.asyncDispose]()));
    this.#all.clear();
  }
}

const encryptedPdf = (): TributaryError =>
  rejected(
    'ENCRYPTED_PDF',
    'The PDF is encrypted and cannot be read without its password. Send a copy without a password.',
  );

const brokenPdf = (why: string, cause?: unknown): TributaryError =>
  rejected('BROKEN_PDF', `The PDF is broken: ${why}. Save or export it anew, and send that.`, { cause });
