-- compatible-with: 0002
--
-- Work that is done again and again by one process at a time, however many there are: who is at it, when it was
-- last begun and done.
create table background_tasks (
  name text primary key,
  lease_id text,
  lease_until timestamptz,
  -- A process that starts asks for it to be done once, from then on.
  asked_at timestamptz not null default now(),
  begun_at timestamptz,
  done_at timestamptz,
  -- Up to when what came together was dealt with.
  dealt_with_until timestamptz
);

alter table background_tasks enable row level security;
alter table background_tasks force row level security;
create policy worker on background_tasks to tributary_worker using (true) with check (true);
grant select, insert, update, delete on background_tasks to tributary_worker;

-- Who has jobs that wait, and the oldest of each; and how many of each are under way: so that they take turns.
create index jobs_tenant_waiting on jobs (tenant, run_after) where state in ('QUEUED', 'RUNNING');
create index jobs_tenant_running on jobs (tenant) where state = 'RUNNING';

-- What is asked again and again: how much waits, and for how long.
create index jobs_queued on jobs (run_after) where state = 'QUEUED';
create index deletion_receipts_pending on deletion_receipts (requested_at) where purged_at is null;
create index jobs_succeeded on jobs (finished_at) where state = 'SUCCEEDED';
