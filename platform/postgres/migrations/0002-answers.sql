-- Answers and the log of their events: what makes a stream resumable.

create table answers (
  tenant text not null,
  id text not null,
  subject text not null,
  conversation_id text not null,
  question text not null,
  style text not null check (style in ('GENERATED', 'EXTRACTIVE')),
  model text not null,
  state text not null check (state in ('RUNNING', 'COMPLETED', 'STOPPED', 'FAILED')),
  reason text,
  -- Everything that is needed to go on after the process that made it has died: input, passages, prompt.
  input jsonb not null,
  context jsonb,
  coverage jsonb,
  usage jsonb,
  idempotency_key text,
  stop_requested boolean not null default false,
  -- When somebody last listened; an answer that nobody has come back to in time is stopped.
  heard_at timestamptz not null default now(),
  -- Fencing: only the holder of the lease appends events.
  lease_id text,
  lease_until timestamptz,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (tenant, id)
);
create unique index answers_idempotency on answers (tenant, subject, idempotency_key) where idempotency_key is not null;
create index answers_newest on answers (tenant, created_at desc, id desc);
create index answers_running on answers (lease_until) where state = 'RUNNING';

create table answer_events (
  tenant text not null,
  answer_id text not null,
  sequence integer not null,
  event jsonb not null,
  at timestamptz not null default now(),
  primary key (tenant, answer_id, sequence),
  foreign key (tenant, answer_id) references answers (tenant, id) on delete cascade
);

-- Which documents an answer quotes: a deleted document's words are removed from answers too.
create table answer_documents (
  tenant text not null,
  answer_id text not null,
  document_id text not null,
  primary key (tenant, answer_id, document_id),
  foreign key (tenant, answer_id) references answers (tenant, id) on delete cascade
);
create index answer_documents_document on answer_documents (tenant, document_id);

do $$ declare name text; begin
  foreach name in array array['answers', 'answer_events', 'answer_documents'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I to tributary_app using (tenant = current_setting(''tributary.tenant'', true)) with check (tenant = current_setting(''tributary.tenant'', true))', name);
    execute format('create policy worker on %I to tributary_worker using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on %I to tributary_app, tributary_worker', name);
  end loop;
end $$;
