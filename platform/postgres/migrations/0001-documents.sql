-- Documents, their versions and chunks, and the work of making them findable.
--
-- Two roles reach these tables, both without a login of their own: `tributary_app` sees one tenant at a
-- time, the one named by the setting `tributary.tenant`; `tributary_worker` sees all of them.

do $$ begin
  if not exists (select from pg_roles where rolname = 'tributary_app') then create role tributary_app nologin; end if;
  if not exists (select from pg_roles where rolname = 'tributary_worker') then create role tributary_worker nologin; end if;
end $$;
grant tributary_app, tributary_worker to current_user;
grant usage on schema public to tributary_app, tributary_worker;

create table documents (
  tenant text not null,
  id text not null,
  -- By the source a later version of the same document is recognised; the content's hash where it has none.
  source_key text not null,
  title text not null,
  -- Whether the uploader said so; what the content says of itself does not overrule the uploader.
  title_given boolean not null default false,
  author_given boolean not null default false,
  -- The title that its vectors were made with.
  encoded_title text,
  modality text not null,
  source text,
  author text,
  year integer,
  published_at timestamptz,
  tags text[] not null default '{}',
  metadata jsonb not null default '{}',
  contains_pii boolean not null default false,
  state text not null check (state in ('RECEIVED', 'PROCESSING', 'SEARCHABLE', 'PARTIAL', 'FAILED', 'DELETED')),
  -- The newest version that was accepted, and the one that is found: the flag that makes chunks visible.
  version integer not null default 1,
  visible_version integer,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (tenant, id)
);
create unique index documents_source on documents (tenant, source_key) where deleted_at is null;
create index documents_newest on documents (tenant, created_at desc, id desc);

create table document_versions (
  tenant text not null,
  document_id text not null,
  version integer not null,
  content_sha256 text not null,
  media_type text not null,
  byte_size bigint not null,
  blob_key text not null,
  file_name text,
  gaps jsonb not null default '[]',
  created_at timestamptz not null default now(),
  primary key (tenant, document_id, version),
  foreign key (tenant, document_id) references documents (tenant, id) on delete cascade
);
create index document_versions_content on document_versions (tenant, content_sha256);

-- A chunk is a part of every version from `first_version` to `last_version` (open while null).
-- `seen_version` is the newest version whose job has found it in the content.
create table chunks (
  tenant text not null,
  id text not null,
  document_id text not null,
  first_version integer not null,
  last_version integer,
  seen_version integer not null,
  ordinal integer not null,
  modality text not null,
  family text not null,
  fingerprint text not null,
  text text,
  locator jsonb not null,
  primary key (tenant, id),
  foreign key (tenant, document_id) references documents (tenant, id) on delete cascade
);
create index chunks_document on chunks (tenant, document_id, ordinal);

create table uploads (
  tenant text not null,
  id text not null,
  file_name text not null,
  media_type text,
  -- A hash of the secret in the upload's address.
  token_sha256 text not null,
  expires_at timestamptz not null,
  max_bytes bigint not null,
  blob_key text,
  byte_size bigint,
  content_sha256 text,
  state text not null check (state in ('WAITING', 'RECEIVING', 'RECEIVED', 'USED')),
  created_at timestamptz not null default now(),
  primary key (tenant, id)
);

-- What one job is about: CONTENT makes a version findable; ATTRIBUTES writes what is said of the document to
-- the vectors that there are.
create table jobs (
  tenant text not null,
  id text not null,
  document_id text not null,
  version integer not null,
  kind text not null default 'CONTENT' check (kind in ('CONTENT', 'ATTRIBUTES')),
  state text not null check (state in ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
  stage text not null default 'QUEUED',
  duplicate boolean not null default false,
  chunks_total integer not null default 0,
  chunks_stored integer not null default 0,
  -- How often it was begun, how often it failed in a way that may pass, and how many events it has.
  attempts integer not null default 0,
  failures integer not null default 0,
  events integer not null default 0,
  error jsonb,
  -- Fencing: a worker writes only while the lease is still its own.
  lease_id text,
  lease_until timestamptz,
  run_after timestamptz not null default now(),
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (tenant, id),
  foreign key (tenant, document_id) references documents (tenant, id) on delete cascade
);
create index jobs_waiting on jobs (run_after) where state in ('QUEUED', 'RUNNING');
create index jobs_document on jobs (tenant, document_id) where state in ('QUEUED', 'RUNNING');
create unique index jobs_id on jobs (id);

create index uploads_expiry on uploads (expires_at);
create unique index uploads_id on uploads (id);

create table job_events (
  tenant text not null,
  job_id text not null,
  sequence integer not null,
  job jsonb not null,
  at timestamptz not null default now(),
  primary key (tenant, job_id, sequence),
  foreign key (tenant, job_id) references jobs (tenant, id) on delete cascade
);

-- What must still be done to other stores because of a change that is committed here.
create table outbox (
  id bigint generated always as identity primary key,
  tenant text not null,
  kind text not null,
  payload jsonb not null,
  attempts integer not null default 0,
  run_after timestamptz not null default now(),
  created_at timestamptz not null default now()
);
create index outbox_waiting on outbox (run_after, id);

create table deletion_receipts (
  tenant text not null,
  id text not null,
  document_id text not null,
  requested_at timestamptz not null,
  unfindable_at timestamptz not null,
  purged_at timestamptz,
  stores jsonb not null,
  signature text,
  primary key (tenant, id)
);
create unique index deletion_receipts_document on deletion_receipts (tenant, document_id);

-- Grows by one with every change of what can be found; results of an older epoch are not remembered.
create table corpus_epochs (
  tenant text primary key,
  epoch bigint not null default 0
);

-- What a search may return: the one place that says what is visible. Retrieval reads this and nothing else.
create view visible_chunks with (security_invoker = true) as
  select c.tenant, c.id as chunk_id, c.document_id, c.ordinal, c.modality, c.family, c.fingerprint, c.text, c.locator,
         d.title, d.updated_at
  from chunks c
  join documents d on d.tenant = c.tenant and d.id = c.document_id
  where d.deleted_at is null
    and d.visible_version is not null
    and c.first_version <= d.visible_version
    and (c.last_version is null or c.last_version >= d.visible_version);

do $$ declare name text; begin
  foreach name in array array['documents', 'document_versions', 'chunks', 'uploads', 'jobs', 'job_events', 'outbox',
                              'deletion_receipts', 'corpus_epochs'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I to tributary_app using (tenant = current_setting(''tributary.tenant'', true)) with check (tenant = current_setting(''tributary.tenant'', true))', name);
    execute format('create policy worker on %I to tributary_worker using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on %I to tributary_app, tributary_worker', name);
  end loop;
end $$;
grant select on visible_chunks to tributary_app, tributary_worker;
