import { eventually } from '../../../../platform/testing/eventually.ts';
import type { IngestBench } from '../../testing/ingest-bench.ts';

const admin = { scopes: ['admin'] as const };

export const migrationFields = `id state source sourceModel target targetModel listed passagesTotal passagesEncoded
  passagesPresent vectorsRemoved failures error { code message } createdAt readyAt finishedAt`;

/** A migration as the tests ask for it. */
export interface SeenMigration {
  readonly __typename?: 'EncoderMigration';
  readonly id: string;
  readonly state: string;
  readonly source: string;
  readonly target: string;
  readonly listed: boolean;
  readonly passagesTotal: number;
  readonly passagesEncoded: number;
  readonly passagesPresent: number;
  readonly vectorsRemoved: number;
  readonly failures: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly finishedAt: string | null;
}

/** What a mutation gave, or why it gave nothing. */
export type Outcome<T> =
  | T
  | {
      readonly __typename: 'Rejected' | 'Denied' | 'NotFound';
      readonly code: string;
      readonly message: string;
    };

/** Asks for a migration. */
export async function start(
  bench: IngestBench,
  input: Record<string, unknown> = {},
  options: { scopes: readonly ('admin' | 'documents:write')[]; tenant?: string } = admin,
): Promise<Outcome<SeenMigration>> {
  const { startEncoderMigration } = await bench.run<{ startEncoderMigration: Outcome<SeenMigration> }>(
    `mutation ($input: StartEncoderMigrationInput!) { startEncoderMigration(input: $input) {
       __typename ... on EncoderMigration { ${migrationFields} } ... on Problem { code message } } }`,
    { input },
    options,
  );
  return startEncoderMigration;
}

/** Asks for a migration, and fails the test where there is none. */
export async function started(
  bench: IngestBench,
  input: Record<string, unknown> = {},
): Promise<SeenMigration> {
  const outcome = await start(bench, input);
  if (!('state' in outcome)) throw new Error(`${outcome.code}: ${outcome.message}`);
  return outcome;
}

/** The migration as it stands. */
export async function migration(bench: IngestBench, id: string): Promise<SeenMigration> {
  const { encoderMigration } = await bench.run<{ encoderMigration: SeenMigration }>(
    `query ($id: ID!) { encoderMigration(id: $id) { ${migrationFields} } }`,
    { id },
    admin,
  );
  return encoderMigration;
}

/** Waits until the migration is in a state. */
export async function reached(bench: IngestBench, id: string, state: string): Promise<SeenMigration> {
  await eventually(async () => (await migration(bench, id)).state === state, { timeoutMs: 30_000 });
  return migration(bench, id);
}

/** Switches the encoder that serves. */
export async function switchTo(bench: IngestBench, fingerprint: string, force = false) {
  const { switchEncoder } = await bench.run<{
    switchEncoder: Outcome<{
      readonly serving: { readonly fingerprint: string; readonly serving: boolean; readonly missing: number };
      readonly previous: string;
    }>;
  }>(
    `mutation ($input: SwitchEncoderInput!) { switchEncoder(input: $input) {
       __typename ... on EncoderSwitch { serving { fingerprint serving missing } previous }
       ... on Problem { code message } } }`,
    { input: { fingerprint, force } },
    admin,
  );
  return switchEncoder;
}

/** Finishes or cancels a migration. */
export async function end(bench: IngestBench, how: 'finish' | 'cancel', id: string) {
  const { ended } = await bench.run<{ ended: Outcome<SeenMigration> }>(
    `mutation ($id: ID!) { ended: ${how}EncoderMigration(id: $id) {
       __typename ... on EncoderMigration { ${migrationFields} } ... on Problem { code message } } }`,
    { id },
    admin,
  );
  return ended;
}

/** The encoders, as the installation knows them. */
export async function encoders(bench: IngestBench) {
  const { encoders: known } = await bench.run<{
    encoders: {
      readonly fingerprint: string;
      readonly model: string;
      readonly serving: boolean;
      readonly loaded: boolean;
      readonly kept: boolean;
      readonly vectors: number;
      readonly missing: number;
    }[];
  }>('{ encoders { fingerprint model serving loaded kept vectors missing } }', {}, admin);
  return known;
}

/** The ids of the passages that an encoder has vectors of. */
export async function stored(bench: IngestBench, fingerprint: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { chunkId } of bench.vectors.listChunks({ family: 'text', fingerprint }, null)) {
    ids.push(chunkId);
  }
  return ids.sort();
}
