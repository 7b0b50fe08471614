import { randomUUID } from 'node:crypto';
import type { CommandContext } from '../command.ts';
import { CommandFailure, type ExitCode, exitCodes, failureOf } from '../failure.ts';
import {
  CancelEncoderMigrationOperation,
  type EncoderMigrationFieldsFragment,
  EncoderMigrationProgressOperation,
  EncodersOperation,
  type EncodersQuery,
  FinishEncoderMigrationOperation,
  StartEncoderMigrationOperation,
  SwitchEncoderOperation,
} from '../operations.generated.ts';
import { plain } from '../plain.ts';
import { readSavedQueries } from '../read-saved-queries.ts';

interface JsonOption {
  readonly json?: boolean | undefined;
}

export interface MigrateOptions extends JsonOption {
  readonly to?: string | undefined;
  readonly queries?: string | undefined;
  readonly wait: boolean;
}

export interface SwitchOptions extends JsonOption {
  readonly force?: boolean | undefined;
}

/** `tributary encoders list`: the encoders, and how far migrations are. */
export async function listEncoders(
  { client, terminal, signal }: CommandContext,
  { json }: JsonOption,
): Promise<ExitCode> {
  const found = await client.execute(EncodersOperation, {}, signal);
  if (json) terminal.print(JSON.stringify(plain(found)));
  else for (const line of renderEncoders(found)) terminal.print(line);
  return exitCodes.ok;
}

/** The encoders and the migrations for people, a line at a time. */
export function renderEncoders({ encoders, encoderMigrations }: EncodersQuery): string[] {
  return [
    ...encoders.map(
      ({ fingerprint, model, serving, loaded, vectors, missing }) =>
        `${fingerprint}  ${serving ? 'serves ' : '       '}  ${model}: ${vectors} vectors, ${missing} missing${loaded ? '' : ' (loaded nowhere)'}`,
    ),
    ...encoderMigrations.map(renderMigration),
  ];
}

/** One migration in one line. */
export const renderMigration = (migration: EncoderMigrationFieldsFragment): string =>
  `${migration.id}  ${migration.state.toLowerCase()}  ${migration.sourceModel} → ${migration.targetModel}: ${[
    `${migration.passagesEncoded} of ${migration.passagesTotal}${migration.listed ? '' : ' or more'} encoded`,
    `${migration.passagesPresent} there before`,
    ...(migration.vectorsRemoved === 0 ? [] : [`${migration.vectorsRemoved} vectors removed`]),
    ...(migration.failures === 0
      ? []
      : [`${migration.failures} failures (${migration.error?.message ?? ''})`]),
  ].join(', ')}`;

/** `tributary encoders migrate`: starts a migration, and follows it until both encoders can serve. */
export async function migrateEncoder(
  { client, terminal, signal }: CommandContext,
  { to, queries, wait, json }: MigrateOptions,
): Promise<ExitCode> {
  const saved = queries === undefined ? [] : await readSavedQueries(queries);
  const { startEncoderMigration: started } = await client.execute(
    StartEncoderMigrationOperation,
    {
      input: {
        ...(to === undefined ? {} : /^[0-9a-f]{16}$/.test(to) ? { fingerprint: to } : { model: to }),
        savedQueries: saved.map(({ text, relevantDocumentIds }) => ({ text, relevantDocumentIds })),
        idempotencyKey: randomUUID(),
      },
    },
    signal,
  );
  if (started.__typename !== 'EncoderMigration') throw failureOf(started.code, started.message);
  let last: EncoderMigrationFieldsFragment = started;
  const events = client.subscribe(EncoderMigrationProgressOperation, { id: started.id, after: 0 }, signal);
  if (wait) {
    for await (const { encoderMigrationProgress: event } of events) {
      last = event.migration;
      terminal.note(renderMigration(last));
      if (last.state !== 'RUNNING') break;
    }
  }
  if (json) terminal.print(JSON.stringify(plain(last)));
  else terminal.print(renderMigration(last));
  if (wait && last.state !== 'READY') {
    throw new CommandFailure(exitCodes.failed, `The migration ended ${last.state.toLowerCase()}.`);
  }
  return exitCodes.ok;
}

/** `tributary encoders switch`: decides which encoder serves. */
export async function switchEncoder(
  { client, terminal, signal }: CommandContext,
  fingerprint: string,
  { force = false, json }: SwitchOptions,
): Promise<ExitCode> {
  const { switchEncoder: switched } = await client.execute(
    SwitchEncoderOperation,
    { input: { fingerprint, force } },
    signal,
  );
  if (switched.__typename !== 'EncoderSwitch') throw failureOf(switched.code, switched.message);
  if (json) terminal.print(JSON.stringify(plain(switched)));
  else {
    const { serving, previous } = switched;
    terminal.print(
      `${serving.model} (${serving.fingerprint}) serves now: ${serving.vectors} vectors, ${serving.missing} missing. Back: tributary encoders switch ${previous}`,
    );
  }
  return exitCodes.ok;
}

/** `tributary encoders finish` and `cancel`: gives one of the two encoders up. */
export async function endMigration(
  { client, terminal, signal }: CommandContext,
  how: 'finish' | 'cancel',
  id: string,
  { json }: JsonOption,
): Promise<ExitCode> {
  const outcome =
    how === 'finish'
      ? (await client.execute(FinishEncoderMigrationOperation, { id }, signal)).finishEncoderMigration
      : (await client.execute(CancelEncoderMigrationOperation, { id }, signal)).cancelEncoderMigration;
  if (outcome.__typename !== 'EncoderMigration') throw failureOf(outcome.code, outcome.message);
  terminal.print(json ? JSON.stringify(plain(outcome)) : renderMigration(outcome));
  return exitCodes.ok;
}
