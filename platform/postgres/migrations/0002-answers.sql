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
  -- The sequence of the newest event; the log has every one up to it.
  last_sequence integer not null default 0,
  -- Why the answer is to be stopped, once somebody wants that.
  stop_reason text,
  -- When somebody last listened; an answer that nobody has come back to in time is stopped.
  heard_at timestamptz not null default now(),
  -- Fencing: only the holder of the lease appends events.
  lease_id text,
  lease_until timestamptz,
  -- How often it was begun; more than 1 after a crash.
  attempts integer not null default 1,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (tenant, id)
);
create unique index answers_idempotency on answers (tenant, subject, idempotency_key) where idempotency_key is not null;
create index answers_newest on answers (tenant, subject, created_at desc, id desc);
create index answers_conversation on answers (tenant, conversation_id, created_at desc, id desc);
create index answers_running on answers (lease_until) where state = 'RUNNING';

create table answer_events (
  tenant text not null,
  answer_id text not null,
  sequence integer not null,
  -- The name of the event's type in the contract, and what it carries besides cursor, sequence and answer.
  kind text not null,
  payload jsonb not null,
  at timestamptz not null default clock_timestamp(),
  primary key (tenant, answer_id, sequence),
  foreign key (tenant, answer_id) references answers (tenant, id) on delete cascade
);

-- Whose words an answer holds: a deleted document's words are removed from answers too.
create table answer_documents (
  tenant text not null,
  answer_id text not null,
  document_id text not null,
  primary key (tenant, answer_id, document_id),
  foreign key (tenant, answer_id) references answers (tenant, id) on delete cascade
);
create index answer_documents_document on answer_documents (tenant, document_id);

-- Documents whose words were removed, so that an answer that found one of them just before takes none in.
create table answer_erasures (
  tenant text not null,
  document_id text not null,
  erased_at timestamptz not null default clock_timestamp(),
  primary key (tenant, document_id)
);

do $$ declare name text; begin
  foreach name in array array['answers', 'answer_events', 'answer_documents', 'answer_erasures'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I to tributary_app using (tenant = current_setting(''tributary.tenant'', true)) with check (tenant = current_setting(''tributary.tenant'', true))', name);
    execute format('create policy worker on %I to tributary_worker using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on %I to tributary_app, tributary_worker', name);
  end loop;
end $$;

-- What taking a document into an answer and removing it again wait for each other by.
create function answer_document_lock(tenant_name text, document text) returns bigint
  language sql immutable as $$ select hashtextextended(tenant_name || '/' || document, 0) $$;

-- Removes a deleted document's words from every answer that holds any, and returns how many did. Such an
-- answer keeps its question, and its events keep their places: a reader who goes on from any cursor gets the
-- rest, emptied, and then the last event, whose answer says why. Answers still being made are stopped.
create function purge_document_from_answers(tenant_name text, document text) returns integer
language plpgsql as $$
declare
  touched record;
  purged integer := 0;
  said constant text := 'A document that this answer rested on was deleted, and its words with it.';
begin
  perform pg_advisory_xact_lock(answer_document_lock(tenant_name, document));
  insert into answer_erasures (tenant, document_id) values (tenant_name, document)
    on conflict (tenant, document_id) do update set erased_at = clock_timestamp();
  for touched in
    select a.id, a.state, a.last_sequence
    from answers a
    where a.tenant = tenant_name
      and exists (select from answer_documents d
                  where d.tenant = a.tenant and d.answer_id = a.id and d.document_id = document)
    order by a.id
    for update of a
  loop
    update answer_events
      set kind = case kind when 'CitationAdded' then 'TokenDelta' else kind end,
          payload = case kind when 'RetrievalProgress' then jsonb_set(payload, '{hits}', '[]')
                              else '{"text": ""}'::jsonb end
      where tenant = tenant_name and answer_id = touched.id
        and kind in ('RetrievalProgress', 'TokenDelta', 'CitationAdded');
    if touched.state = 'RUNNING' then
      touched.last_sequence := touched.last_sequence + 1;
      insert into answer_events (tenant, answer_id, sequence, kind, payload)
        values (tenant_name, touched.id, touched.last_sequence, 'AnswerCompleted', '{}');
    end if;
    update answers
      set state = case state when 'FAILED' then state else 'STOPPED' end,
          reason = case state when 'FAILED' then reason else said end,
          context = null, last_sequence = touched.last_sequence, lease_id = null, lease_until = null,
          finished_at = coalesce(finished_at, clock_timestamp())
      where tenant = tenant_name and id = touched.id;
    delete from answer_documents where tenant = tenant_name and answer_id = touched.id;
    perform pg_notify('tributary_answers', touched.id || ' ' || touched.last_sequence);
    purged := purged + 1;
  end loop;
  return purged;
end $$;

-- Removes all answers of a tenant, and returns how many there were.
create function purge_tenant_from_answers(tenant_name text) returns integer
language plpgsql as $$
declare purged integer;
begin
  delete from answers where tenant = tenant_name;
  get diagnostics purged = row_count;
  delete from answer_erasures where tenant = tenant_name;
  return purged;
end $$;
