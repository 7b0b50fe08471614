-- compatible-with: 0002
--
-- Several encoders side by side: which one serves searches, which of them passages have vectors of, and the
-- work of giving them vectors of another one.

-- The flag. Null stands for what each process is configured with; it is set by the first migration.
create table encoder_state (
  only_row boolean primary key default true check (only_row),
  serving text,
  previous text,
  switched_at timestamptz,
  -- What goes into the ids of chunks for good, so that a passage has the same id under every encoder.
  chunk_fingerprint text
);
insert into encoder_state default values;

-- The encoders that processes have loaded, as each of them says again and again, and which of them take part in a
-- migration: of those that are kept every passage has a vector, or work that makes it.
create table encoders (
  fingerprint text primary key,
  model text not null,
  -- Whether it is what those processes are configured to serve with.
  usual boolean not null,
  kept boolean not null default false,
  -- Whether its vectors were removed after a migration: what comes late is removed, too.
  retired boolean not null default false,
  loaded_at timestamptz not null default now()
);

-- The encoders that a chunk has a vector of; null is the one in `fingerprint`, alone.
alter table chunks add column encoded_by text[];

create table encoder_migrations (
  id text primary key,
  source text not null,
  source_model text not null,
  target text not null,
  target_model text not null,
  state text not null check (state in ('RUNNING', 'READY', 'FINISHING', 'FINISHED', 'CANCELLING', 'CANCELLED')),
  requested_by text not null,
  idempotency_key text,
  -- How far the documents have been gone through for passages without a vector.
  listed boolean not null default false,
  listed_tenant text not null default '',
  listed_document text not null default '',
  -- Passages that had no vector of the target, those that were given one, and those that had one already.
  passages_total bigint not null default 0,
  passages_encoded bigint not null default 0,
  passages_present bigint not null default 0,
  -- Vectors that were removed at the end.
  vectors_removed bigint not null default 0,
  failures integer not null default 0,
  error jsonb,
  -- How many events it has, and when the last one was written.
  events integer not null default 0,
  told_at timestamptz not null default now(),
  -- Who removes vectors at the end.
  lease_id text,
  lease_until timestamptz,
  created_at timestamptz not null default now(),
  ready_at timestamptz,
  ending_at timestamptz,
  finished_at timestamptz
);
-- One at a time, and what is asked for twice under one key is one.
create unique index encoder_migrations_open on encoder_migrations ((true))
  where state in ('RUNNING', 'READY', 'FINISHING', 'CANCELLING');
create unique index encoder_migrations_idempotency on encoder_migrations (requested_by, idempotency_key)
  where idempotency_key is not null;

create table encoder_migration_events (
  migration_id text not null references encoder_migrations (id) on delete cascade,
  sequence integer not null,
  migration jsonb not null,
  at timestamptz not null default clock_timestamp(),
  primary key (migration_id, sequence)
);

-- What quality is compared on: whose queries they are, and what is relevant to them.
create table encoder_saved_queries (
  tenant text not null,
  migration_id text not null references encoder_migrations (id) on delete cascade,
  ordinal integer not null,
  text text not null,
  relevant_document_ids text[] not null default '{}',
  -- How the two encoders answer it, once both have all vectors.
  comparison jsonb,
  primary key (tenant, migration_id, ordinal)
);

-- Documents with passages that lack a vector, and who is at them.
create table encoder_work (
  fingerprint text not null,
  tenant text not null,
  document_id text not null,
  -- How many passages lacked a vector, and how many of them have been given one.
  missing integer not null,
  encoded integer not null default 0,
  failures integer not null default 0,
  lease_id text,
  lease_until timestamptz,
  run_after timestamptz not null default now(),
  primary key (fingerprint, tenant, document_id),
  foreign key (tenant, document_id) references documents (tenant, id) on delete cascade
);
create index encoder_work_waiting on encoder_work (fingerprint, run_after);
create index encoder_work_document on encoder_work (tenant, document_id);

-- Leaves a document as work where a passage of it that can be found lacks the vector of an encoder that is kept.
-- Who changes which ones are kept takes the same lock for itself alone: so no document falls between.
create function note_missing_vectors(for_tenant text, for_document text) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(7294117006);
  if not exists (select from encoders where kept) then return; end if;
  with missing as (
    select e.fingerprint, count(*)::int as passages
    from encoders e
    join visible_chunks v on v.tenant = for_tenant and v.document_id = for_document
    join chunks c on c.tenant = v.tenant and c.id = v.chunk_id
    where e.kept and e.fingerprint <> all (coalesce(c.encoded_by, array[c.fingerprint]))
    group by e.fingerprint),
  noted as (
    insert into encoder_work as work (fingerprint, tenant, document_id, missing)
    select fingerprint, for_tenant, for_document, passages from missing
    on conflict (fingerprint, tenant, document_id) do update set run_after = now()
    returning work.fingerprint, work.missing, (work.xmax = 0) as is_new)
  update encoder_migrations m set passages_total = passages_total + noted.missing
  from noted where noted.is_new and m.target = noted.fingerprint and m.state in ('RUNNING', 'READY');
end $$;

-- Every process reads which encoder serves; workers do the rest. Whose queries and documents they are is held to
-- as everywhere.
do $$ declare name text; begin
  foreach name in array array['encoder_state', 'encoders', 'encoder_migrations', 'encoder_migration_events',
                              'encoder_saved_queries', 'encoder_work'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy worker on %I to tributary_worker using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on %I to tributary_worker', name);
  end loop;
  foreach name in array array['encoder_state', 'encoders'] loop
    execute format('create policy everybody on %I for select to tributary_app using (true)', name);
    execute format('grant select on %I to tributary_app', name);
  end loop;
  foreach name in array array['encoder_saved_queries', 'encoder_work'] loop
    execute format('create policy tenant on %I to tributary_app using (tenant = current_setting(''tributary.tenant'', true)) with check (tenant = current_setting(''tributary.tenant'', true))', name);
    execute format('grant select, insert, update, delete on %I to tributary_app', name);
  end loop;
end $$;
