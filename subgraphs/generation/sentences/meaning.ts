import type { Encoder } from '../../../platform/ports/encoder.ts';
import { innerProduct } from './words.ts';

/** How two inner products of one encoder are to be read: that of unrelated texts, and that of texts that belong together. */
export interface Scale {
  readonly unrelated: number;
  readonly related: number;
}

/** What an encoder says of texts that are known to belong together or not. */
export interface Scales {
  /** Of a question and a sentence. */
  readonly sentences: Scale;
  /** Of two words. */
  readonly words: Scale;
}

/** Questions, each with a sentence that answers it. Any other pair of them is unrelated. */
const questions: readonly (readonly [question: string, sentence: string])[] = [
  ['When does the bakery open on weekdays?', 'On weekdays the bakery opens at seven in the morning.'],
  ['How many strings does a violin have?', 'A violin has four strings.'],
  ['Who wrote the novel about the whale?', 'The novel about the whale was written by Herman Melville.'],
  ['Why is copper used for wires?', 'Copper is used for wires because it conducts electricity well.'],
  ['Which countries signed the treaty?', 'The treaty was signed by twelve countries.'],
  ['How do bees make honey?', 'Bees make honey from the nectar of flowers.'],
  ['What is the tax rate for small companies?', 'Small companies pay tax at a rate of nineteen per cent.'],
  ['How often does the comet return?', 'The comet returns every seventy-six years.'],
];

/** Words, each with one that means the same. Any other pair of them is unrelated. */
const words: readonly (readonly [word: string, other: string])[] = [
  ['car', 'automobile'],
  ['buy', 'purchase'],
  ['wrote', 'written'],
  ['expensive', 'cost'],
  ['begin', 'start'],
  ['doctor', 'physician'],
  ['forest', 'woods'],
  ['child', 'kid'],
  ['error', 'mistake'],
  ['stone', 'rock'],
];

/** How many vectors are kept, and for how long: short enough that nothing of a deleted document stays. */
const defaults = { maxKept: 4096, keptForMs: 120_000 };
/** An encoder that tells nothing apart must not make everything alike. */
const leastSpan = 0.1;

/**
 * Compares texts by an encoder, on a scale that does not depend on the encoder: 0 for texts that have nothing
 * to do with each other, 1 for a question and its answer, or a word and its synonym. Vectors of the texts
 * compared last are kept, for two minutes at most.
 */
export class Meaning implements Disposable {
  readonly #encoder: Encoder;
  readonly #maxKept: number;
  readonly #keptForMs: number;
  #scales: Promise<Scales> | undefined;
  /** In the order of their last use. */
  readonly #kept = new Map<string, Float32Array>();
  #emptying: NodeJS.Timeout | undefined;

  constructor(encoder: Encoder, options: { readonly maxKept?: number; readonly keptForMs?: number } = {}) {
    this.#encoder = encoder;
    this.#maxKept = options.maxKept ?? defaults.maxKept;
    this.#keptForMs = options.keptForMs ?? defaults.keptForMs;
  }

  /** How this encoder's inner products are to be read; measured once. @throws what `Encoder.encode` throws. */
  scales(): Promise<Scales> {
    this.#scales ??= this.#measure().catch((error: unknown) => {
      this.#scales = undefined;
      throw error;
    });
    return this.#scales;
  }

  /** The vector of a question. @throws what `Encoder.encode` throws. */
  async encodeQuestion(text: string, signal: AbortSignal): Promise<Float32Array> {
    const [vector] = await this.#encoder.encode([text], 'query', signal);
    if (!vector) throw new Error('The encoder gave no vector for a question.');
    return vector;
  }

  /** The vectors of texts, by the text. @throws what `Encoder.encode` throws. */
  async encode(texts: Iterable<string>, signal: AbortSignal): Promise<Map<string, Float32Array>> {
    const found = new Map<string, Float32Array>();
    const missing: string[] = [];
    for (const text of new Set(texts)) {
      const kept = this.#kept.get(text);
      if (kept) {
        found.set(text, kept);
        this.#kept.delete(text);
        this.#kept.set(text, kept);
      } else missing.push(text);
    }
    if (missing.length === 0) return found;
    const vectors = await this.#encoder.encode(missing, 'passage', signal);
    vectors.forEach((vector, index) => {
      const text = missing[index];
      if (text === undefined) return;
      found.set(text, vector);
      this.#kept.set(text, vector);
    });
    for (const text of this.#kept.keys()) {
      if (this.#kept.size <= this.#maxKept) break;
      this.#kept.delete(text);
    }
    this.#emptying ??= setTimeout(() => this[Symbol.dispose](), this.#keptForMs).unref();
    return found;
  }

  /** Forgets all vectors. */
  [Symbol.dispose](): void {
    clearTimeout(this.#emptying);
    this.#emptying = undefined;
    this.#kept.clear();
  }

  async #measure(): Promise<Scales> {
    const [asked, answers, left, right] = await Promise.all([
      this.#encoder.encode(
        questions.map(([question]) => question),
        'query',
      ),
      this.#encoder.encode(
        questions.map(([, sentence]) => sentence),
        'passage',
      ),
      this.#encoder.encode(
        words.map(([word]) => word),
        'passage',
      ),
      this.#encoder.encode(
        words.map(([, other]) => other),
        'passage',
      ),
    ]);
    return { sentences: scaleOf(asked, answers), words: scaleOf(left, right) };
  }
}

/** The scale of pairs that belong together by their place. */
function scaleOf(left: readonly Float32Array[], right: readonly Float32Array[]): Scale {
  const related: number[] = [];
  const unrelated: number[] = [];
  left.forEach((one, place) => {
    right.forEach((other, otherPlace) => {
      (place === otherPlace ? related : unrelated).push(innerProduct(one, other));
    });
  });
  return { unrelated: mean(unrelated), related: mean(related) };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Where an inner product lies on a scale, cut off at 1; below 0 for what is less alike than unrelated texts. */
export const nearness = (product: number, { unrelated, related }: Scale): number =>
  Math.min(1, (product - unrelated) / Math.max(leastSpan, related - unrelated));
