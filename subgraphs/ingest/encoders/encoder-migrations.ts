import type { PoolClient } from 'pg';
import type { EncoderMigrationEventModel, EncoderMigrationModel } from '../models.ts';

/** The channel on which a migration's id is told when something happened to it. */
export const migrationEventsChannel = 'tributary_encoder_migrations';
/** The channel on which is told that there is something to do for a migration. */
export const migrationWorkChannel = 'tributary_encoder_work';

interface MigrationRow {
  readonly id: string;
  readonly state: EncoderMigrationModel['state'];
  readonly source: string;
  readonly source_model: string;
  readonly target: string;
  readonly target_model: string;
  readonly listed: boolean;
  readonly passages_total: number;
  readonly passages_encoded: number;
  readonly passages_present: number;
  readonly vectors_removed: number;
  readonly failures: number;
  readonly error: { code: string; message: string } | null;
  readonly created_at: Date | string;
  readonly ready_at: Date | string | null;
  readonly ending_at: Date | string | null;
  readonly finished_at: Date | string | null;
}

const toDate = (value: Date | string | null): Date | null => (value === null ? null : new Date(value));

const toMigration = (row: MigrationRow): EncoderMigrationModel => ({
  id: row.id,
  state: row.state,
  source: row.source,
  sourceModel: row.source_model,
  target: row.target,
  targetModel: row.target_model,
  listed: row.listed,
  passagesTotal: row.passages_total,
  passagesEncoded: row.passages_encoded,
  passagesPresent: row.passages_present,
  vectorsRemoved: row.vectors_removed,
  failures: row.failures,
  error: row.error,
  createdAt: new Date(row.created_at),
  readyAt: toDate(row.ready_at),
  endingAt: toDate(row.ending_at),
  finishedAt: toDate(row.finished_at),
});

/** Adds a migration, with its first event, and wakes whoever works on migrations. */
export async function insertMigration(
  client: PoolClient,
  migration: {
    readonly id: string;
    readonly source: string;
    readonly sourceModel: string;
    readonly target: string;
    readonly targetModel: string;
    readonly requestedBy: string;
    readonly idempotencyKey: string | null;
  },
): Promise<EncoderMigrationModel> {
  const { rows } = await client.query<MigrationRow>(
    `with added as (
       insert into encoder_migrations
         (id, source, source_model, target, target_model, state, requested_by, idempotency_key, events)
       values ($1, $2, $3, $4, $5, 'RUNNING', $6, $7, 1) returning *),
     event as (
       insert into encoder_migration_events (migration_id, sequence, migration)
       select id, events, to_jsonb(added) - 'requested_by' - 'idempotency_key' from added)
     select *, pg_notify('${migrationWorkChannel}', id) as told from added`,
    [
      ...[migration.id, migration.source, migration.sourceModel, migration.target, migration.targetModel],
      ...[migration.requestedBy, migration.idempotencyKey],
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('The database gave no row where it must give one.');
  return toMigration(row);
}

/** What of a migration changes; what is left out stays. Counts are added. */
export interface MigrationChange {
  readonly state?: EncoderMigrationModel['state'];
  readonly listed?: boolean;
  /** How far documents have been gone through. */
  readonly listedUpTo?: { readonly tenant: string; readonly documentId: string };
  readonly total?: number;
  readonly encoded?: number;
  readonly present?: number;
  readonly removed?: number;
  readonly failure?: { readonly code: string; readonly message: string };
}

/** Progress is told at most so often; a change of state at once. */
const tellEveryMs = 500;

/**
 * Changes a migration; the last thing of a transaction, as everyone does who changes work, too. Writes an event of it where its state changes or none was written for a while.
 *
 * @returns null where there is no such migration any more.
 */
export async function changeMigration(
  client: PoolClient,
  id: string,
  change: MigrationChange,
): Promise<EncoderMigrationModel | null> {
  const { rows } = await client.query<MigrationRow>(
    `with old as (
       select *, $2::text is not null or told_at < clock_timestamp() - $12 * interval '1 millisecond' as tells
       from encoder_migrations where id = $1 for update),
     changed as (
       update encoder_migrations m set
         state = coalesce($2, m.state), listed = coalesce($3, m.listed),
         listed_tenant = coalesce($4, m.listed_tenant), listed_document = coalesce($5, m.listed_document),
         passages_total = m.passages_total + $6, passages_encoded = m.passages_encoded + $7,
         passages_present = m.passages_present + $8, vectors_removed = m.vectors_removed + $9,
         failures = m.failures + case when $10::jsonb is null then 0 else 1 end,
         error = coalesce($10::jsonb, m.error),
         ready_at = case when $2 = 'READY' then coalesce(m.ready_at, now()) else m.ready_at end,
         ending_at = case when $2 in ('FINISHING', 'CANCELLING') then now() else m.ending_at end,
         finished_at = case when $2 in ('FINISHED', 'CANCELLED') then now() end,
         lease_id = case when $2::text is null then m.lease_id end,
         lease_until = case when $2::text is null then m.lease_until end,
         events = m.events + case when old.tells then 1 else 0 end,
         told_at = case when old.tells then clock_timestamp() else m.told_at end
       from old where m.id = old.id
       returning m.*, old.tells),
     event as (
       insert into encoder_migration_events (migration_id, sequence, migration)
       select id, events, to_jsonb(changed) - array['requested_by', 'idempotency_key', 'tells', 'lease_id', 'lease_until']
       from changed where tells),
     told as (select pg_notify('${migrationEventsChannel}', id) from changed where tells),
     woken as (select pg_notify('${migrationWorkChannel}', id) from changed where $11)
     select *, (select count(*) from told), (select count(*) from woken) from changed`,
    [
      ...[id, change.state ?? null, change.listed ?? null],
      ...[change.listedUpTo?.tenant ?? null, change.listedUpTo?.documentId ?? null],
      ...[change.total ?? 0, change.encoded ?? 0, change.present ?? 0, change.removed ?? 0],
      ...[change.failure === undefined ? null : JSON.stringify(change.failure)],
      ...[change.state !== undefined, tellEveryMs],
    ],
  );
  return rows[0] === undefined ? null : toMigration(rows[0]);
}

/** The migration that is under way, or null. */
export async function findOpenMigration(client: PoolClient): Promise<EncoderMigrationModel | null> {
  const { rows } = await client.query<MigrationRow>(
    `select * from encoder_migrations where state in ('RUNNING', 'READY', 'FINISHING', 'CANCELLING')`,
  );
  return rows[0] === undefined ? null : toMigration(rows[0]);
}

/** A migration by its id. */
export async function findMigration(client: PoolClient, id: string): Promise<EncoderMigrationModel | null> {
  const { rows } = await client.query<MigrationRow>('select * from encoder_migrations where id = $1', [id]);
  return rows[0] === undefined ? null : toMigration(rows[0]);
}

/** The migration that somebody asked for under this key. */
export async function findByIdempotencyKey(
  client: PoolClient,
  requestedBy: string,
  key: string,
): Promise<EncoderMigrationModel | null> {
  const { rows } = await client.query<MigrationRow>(
    'select * from encoder_migrations where requested_by = $1 and idempotency_key = $2',
    [requestedBy, key],
  );
  return rows[0] === undefined ? null : toMigration(rows[0]);
}

/** The newest migrations, newest first. */
export async function listMigrations(client: PoolClient, limit: number): Promise<EncoderMigrationModel[]> {
  const { rows } = await client.query<MigrationRow>(
    'select * from encoder_migrations order by created_at desc, id desc limit $1',
    [limit],
  );
  return rows.map(toMigration);
}

/** The events of a migration behind a sequence number, in order, at most 1,000. */
export async function readMigrationEvents(
  client: PoolClient,
  id: string,
  after: number | 'all but the newest',
): Promise<EncoderMigrationEventModel[]> {
  const { rows } = await client.query<{ sequence: number; migration: MigrationRow; at: Date }>(
    after === 'all but the newest'
      ? `select sequence, migration, at from encoder_migration_events where migration_id = $1
         order by sequence desc limit 1`
      : `select sequence, migration, at from encoder_migration_events where migration_id = $1 and sequence > $2
         order by sequence limit 1000`,
    after === 'all but the newest' ? [id] : [id, after],
  );
  return rows.map(({ sequence, migration, at }) => ({ sequence, migration: toMigration(migration), at }));
}
