-- compatible-with: 0002
--
-- Answers whose words were removed while a stream in Redis may have them, too: it is emptied next, and this is
-- kept for a while so that a deletion can say how many there were.
create table answer_stream_purges (
  tenant text not null,
  answer_id text not null,
  document_id text not null,
  purged_at timestamptz not null default clock_timestamp(),
  -- Whether there was a stream; null until that has been looked after.
  removed boolean,
  primary key (tenant, document_id, answer_id)
);
create index answer_stream_purges_open on answer_stream_purges (purged_at) where removed is null;
create index answer_stream_purges_age on answer_stream_purges (purged_at);

alter table answer_stream_purges enable row level security;
alter table answer_stream_purges force row level security;
create policy tenant on answer_stream_purges to tributary_app using (tenant = current_setting('tributary.tenant', true)) with check (tenant = current_setting('tributary.tenant', true));
create policy worker on answer_stream_purges to tributary_worker using (true) with check (true);
grant select, insert, update, delete on answer_stream_purges to tributary_app, tributary_worker;

-- As before, and now it says whose streams are to be emptied: in the table, and at once to all processes.
create or replace function purge_document_from_answers(tenant_name text, document text) returns integer
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
    select a.id, a.state, a.last_sequence, a.finished_at
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
    -- A stream does not outlive its answer for longer.
    if touched.finished_at is null or touched.finished_at > clock_timestamp() - interval '10 minutes' then
      insert into answer_stream_purges (tenant, answer_id, document_id)
        values (tenant_name, touched.id, document) on conflict do nothing;
    end if;
    update answers
      set state = case state when 'FAILED' then state else 'STOPPED' end,
          reason = case state when 'FAILED' then reason else said end,
          context = null, last_sequence = touched.last_sequence, lease_id = null, lease_until = null,
          finished_at = coalesce(finished_at, clock_timestamp())
      where tenant = tenant_name and id = touched.id;
    delete from answer_documents where tenant = tenant_name and answer_id = touched.id;
    perform pg_notify('tributary_answers', touched.id || ' purged');
    perform pg_notify('tributary_answers', touched.id || ' ' || touched.last_sequence);
    purged := purged + 1;
  end loop;
  return purged;
end $$;
