import { type PdfImage, type RawPdfImage, readPdfImage } from './pdf-image.ts';

/** Where PDF.js puts what pages refer to, such as pictures. */
export interface ObjectStore {
  resolve(name: string, data?: unknown): void;
  get(name: string, callback: (data: unknown) => void): void;
}

/** Pictures are kept with their longer side below twice this: a page at 300 dots an inch as it is. */
const keptSide = 2000;
/** What pictures may take together, made small, in bytes; what comes behind that is left out. */
const maxKeptBytes = 200 * 1024 * 1024;

const known = new WeakMap<ObjectStore, KeptPdfImages>();

/**
 * The pictures of a page, or those that several pages share, made small as soon as they are decoded: PDF.js decodes
 * one after the other and hands each to its store, so that many large ones are never in memory together.
 */
export class KeptPdfImages {
  readonly #store: ObjectStore;
  readonly #images = new Map<string, PdfImage | null>();
  #bytes = 0;
  /** How many there were that could not be kept. */
  lost = 0;

  /** Those of a store; it is watched from the first time on. */
  static of(store: ObjectStore): KeptPdfImages {
    const kept = known.get(store) ?? new KeptPdfImages(store);
    known.set(store, kept);
    return kept;
  }

  private constructor(store: ObjectStore) {
    this.#store = store;
    const resolve = store.resolve.bind(store);
    store.resolve = (name, data = null) => {
      if (!/(?:^|_)(?:img|mask)_/.test(name)) return resolve(name, data);
      this.#images.set(name, this.shrink(data, /(?:^|_)mask_/.test(name)));
      return resolve(name, isRawImage(data) ? { width: data.width, height: data.height } : data);
    };
  }

  /** Forgets all. */
  clear(): void {
    this.#images.clear();
    this.#bytes = 0;
    this.lost = 0;
  }

  /** One by its name, once it is there; null where it cannot be had. */
  async get(name: string): Promise<PdfImage | null> {
    if (!this.#images.has(name)) await new Promise((resolve) => this.#store.get(name, resolve));
    return this.#images.get(name) ?? null;
  }

  /** Makes one small; null where there is no room for it, or it is none. */
  shrink(data: unknown, isMask: boolean): PdfImage | null {
    const image =
      isRawImage(data) && this.#bytes < maxKeptBytes ? readPdfImage(data, isMask, keptSide) : null;
    if (image === null) this.lost++;
    else this.#bytes += image.pixels.data.length + (image.coverage?.length ?? 0);
    return image;
  }
}

function isRawImage(data: unknown): data is RawPdfImage {
  const { width, height, data: bytes } = Object(data) as Partial<RawPdfImage>;
  return (
    typeof width === 'number' &&
    typeof height === 'number' &&
    (bytes instanceof Uint8Array || bytes instanceof Uint8ClampedArray)
  );
}
