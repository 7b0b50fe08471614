import { setTimeout as delay } from 'node:timers/promises';
import { ask } from './ask.ts';

/** A migration as the campaign looks at it. */
export interface Migration {
  readonly id: string;
  readonly state: string;
  readonly source: string;
  readonly target: string;
  readonly passagesTotal: number;
  readonly passagesEncoded: number;
  readonly passagesPresent: number;
  readonly vectorsRemoved: number;
  readonly failures: number;
}

export interface KnownEncoder {
  readonly fingerprint: string;
  readonly serving: boolean;
  readonly vectors: number;
  readonly missing: number;
}

/** How both encoders answer the saved queries on average. */
export interface Quality {
  readonly queries: number;
  readonly overlapAt10: number;
  readonly source: { readonly ndcgAt10: number } | null;
  readonly target: { readonly ndcgAt10: number } | null;
}

const fields = 'id state source target passagesTotal passagesEncoded passagesPresent vectorsRemoved failures';
const problem = '... on Problem { code message }';
const timeoutMs = 30_000;

type Outcome<T> = T | { readonly code: string; readonly message: string };

function accepted<T extends object>(what: string, outcome: Outcome<T>): T {
  if ('code' in outcome) throw new Error(`${what} was refused: ${outcome.code} ${outcome.message}`);
  return outcome;
}

/** What an operator does with encoders, at a gateway. */
export class EncoderOperations {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async start(
    savedQueries: readonly { readonly text: string; readonly relevantDocumentIds: readonly string[] }[],
  ): Promise<Migration> {
    const { started } = await ask<{ started: Outcome<Migration> }>(
      this.#url,
      `mutation ($input: StartEncoderMigrationInput!) {
         started: startEncoderMigration(input: $input) { ... on EncoderMigration { ${fields} } ${problem} } }`,
      { input: { savedQueries } },
      timeoutMs,
    );
    return accepted('the migration', started);
  }

  async list(): Promise<readonly KnownEncoder[]> {
    const { encoders } = await ask<{ encoders: KnownEncoder[] }>(
      this.#url,
      '{ encoders { fingerprint serving vectors missing } }',
      {},
      timeoutMs,
    );
    return encoders;
  }

  /** Switches, and looks whether it is the one that serves now. */
  async switchTo(fingerprint: string): Promise<void> {
    const { switched } = await ask<{ switched: Outcome<{ serving: KnownEncoder }> }>(
      this.#url,
      `mutation ($input: SwitchEncoderInput!) { switched: switchEncoder(input: $input) {
         ... on EncoderSwitch { serving { fingerprint serving vectors missing } } ${problem} } }`,
      { input: { fingerprint } },
      timeoutMs,
    );
    accepted(`switching to ${fingerprint}`, switched);
    const serving = (await this.list()).find((one) => one.serving);
    if (serving?.fingerprint !== fingerprint)
      throw new Error(`after the switch ${serving?.fingerprint} serves`);
  }

  async finish(id: string): Promise<Migration> {
    const { finished } = await ask<{ finished: Outcome<Migration> }>(
      this.#url,
      `mutation ($id: ID!) { finished: finishEncoderMigration(id: $id) {
         ... on EncoderMigration { ${fields} } ${problem} } }`,
      { id },
      timeoutMs,
    );
    return accepted('finishing', finished);
  }

  /** Waits until the saved queries have been compared. */
  async quality(id: string, queries: number): Promise<Quality> {
    for (;;) {
      const { encoderMigration } = await ask<{ encoderMigration: { quality: Quality | null } }>(
        this.#url,
        `query ($id: ID!) { encoderMigration(id: $id) {
           quality { queries overlapAt10 source { ndcgAt10 } target { ndcgAt10 } } } }`,
        { id },
        timeoutMs,
      );
      const { quality } = encoderMigration;
      if (quality !== null && quality.queries >= queries) return quality;
      await delay(250);
    }
  }
}
