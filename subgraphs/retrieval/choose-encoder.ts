import { createEncoderSet, type LoadedEncoders } from '../../platform/encoder/encoder-set.ts';
import {
  createServingEncoder,
  notLoaded,
  type ServingState,
} from '../../platform/encoder/serving-encoder.ts';
import { rejected } from '../../platform/errors.ts';
import type { Encoder } from '../../platform/ports/encoder.ts';
import type { Database } from '../../platform/postgres/database.ts';

/** Chooses the encoder of a search. */
export interface EncoderChoice {
  /**
   * The one that is asked for by its fingerprint, or the one that serves, as the flag says, or said last where it
   * cannot be read within `maxMs`. Where this process has not loaded it, what
   * is given refuses to encode: then its passages are still searched by words, and coverage says why no more is.
   *
   * @throws TributaryError `REJECTED_INPUT` where there are no vectors of what is asked for.
   */
  choose(fingerprint: string | null, maxMs: number): Promise<Encoder>;
}

export function createEncoderChoice(database: Database, loaded: LoadedEncoders): EncoderChoice {
  const encoders = createEncoderSet(loaded);
  const flag = createServingEncoder(database, encoders);
  let last: ServingState = { serving: encoders.usual.description.fingerprint, kept: [] };

  async function readFlag(maxMs: number): Promise<ServingState> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, maxMs, null);
    });
    try {
      // Where the database does not answer, searching says so in its own words.
      const read = await Promise.race([flag.read().catch(() => null), late]);
      last = read ?? last;
      return last;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async choose(fingerprint, maxMs) {
      const { serving, kept } = await readFlag(maxMs);
      const wanted = fingerprint ?? serving;
      if (wanted !== serving && !kept.includes(wanted)) {
        throw rejected(
          'UNKNOWN_ENCODER',
          `There are no vectors of the encoder ${JSON.stringify(wanted.slice(0, 64))}. Allowed: ${[...new Set([serving, ...kept])].join(', ')}.`,
          { field: 'encoder' },
        );
      }
      const found = encoders.find(wanted);
      if (found !== null) return found;
      const refuse = () => notLoaded(wanted, encoders);
      return {
        description: { ...encoders.usual.description, fingerprint: wanted, model: 'not loaded here' },
        encode: async () => {
          throw refuse();
        },
        tokenSpans: () => {
          throw refuse();
        },
        async [Symbol.asyncDispose]() {},
      };
    },
  };
}
