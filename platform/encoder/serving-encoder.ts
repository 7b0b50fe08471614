import { type TributaryError, upstream } from '../errors.ts';
import type { Database } from '../postgres/database.ts';
import type { EncoderSet } from './encoder-set.ts';

/** Which encoder serves searches at present, and which others have vectors to be searched with. */
export interface ServingState {
  readonly serving: string;
  /** Encoders that take part in a migration; empty where there is none. */
  readonly kept: readonly string[];
}

/** Reads the one flag that says which encoder serves. */
export interface ServingEncoder {
  /** As the database has it, or had it within the last second. @throws what the database throws. */
  read(): Promise<ServingState>;
}

/** So old the flag may be. After a switch both encoders serve for so long, from vectors that both have. */
const maxAgeMs = 1000;

/**
 * @param maxAge how old what is read may be, in milliseconds; 0 reads it every time.
 */
export function createServingEncoder(
  database: Database,
  encoders: EncoderSet,
  { maxAge = maxAgeMs }: { readonly maxAge?: number } = {},
): ServingEncoder {
  let known: { readonly state: ServingState; readonly atMs: number } | null = null;
  let reading: Promise<ServingState> | null = null;

  async function readFlag(): Promise<ServingState> {
    const startedMs = performance.now();
    // Every tenant sees the same; there need be none of this name.
    const { serving, kept } = await database.forTenant('none', async (client) => {
      const { rows } = await client.query<{ serving: string | null; kept: string[] }>(
        `select (select serving from encoder_state) as serving,
                array(select fingerprint from encoders where kept order by fingerprint) as kept`,
      );
      return rows[0] ?? { serving: null, kept: [] };
    });
    const state = { serving: serving ?? encoders.usual.description.fingerprint, kept };
    known = { state, atMs: startedMs };
    return state;
  }

  return {
    async read() {
      if (known !== null && performance.now() - known.atMs < maxAge) return known.state;
      // Not the signal of one caller: the others wait for the same.
      reading ??= readFlag().finally(() => {
        reading = null;
      });
      return reading;
    },
  };
}

/** Says which encoder is missing, and how to mend it. */
export const notLoaded = (fingerprint: string, encoders: EncoderSet): TributaryError =>
  upstream(
    'encoder',
    `The encoder ${fingerprint} is not loaded here, only ${encoders.all.map(({ description }) => `${description.fingerprint} (${description.model})`).join(' and ')}: set TRIBUTARY_ENCODER_MODEL or TRIBUTARY_NEXT_ENCODER_MODEL to it.`,
  );
