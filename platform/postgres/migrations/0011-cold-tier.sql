-- compatible-with: 0002
--
-- Documents that nobody is shown for a while move to collections that are loaded on demand, and back again.

-- Where the vectors of a document are. They are in the other tier, too, since `two_tiers_since`: on their way there,
-- or not removed from there yet. What is found of a document in both is found once.
alter table documents add column tier text not null default 'HOT' check (tier in ('HOT', 'COLD'));
alter table documents add column two_tiers_since timestamptz;
create index documents_cold on documents (tenant, id) where tier = 'COLD';
create index documents_two_tiers on documents (two_tiers_since) where two_tiers_since is not null;

-- The last day on which a search showed a document, in UTC.
create table document_use (
  tenant text not null,
  document_id text not null,
  shown_on date not null,
  primary key (tenant, document_id),
  foreign key (tenant, document_id) references documents (tenant, id) on delete cascade
);

-- Since when it is noted what is shown, and when documents were last moved: what was shown before that is not known.
create table cold_tier (
  only_row boolean primary key default true check (only_row),
  counting_since timestamptz not null,
  swept_at timestamptz not null
);

-- How many documents of a tenant are cold: every search reads it with the state of the corpus.
alter table corpus_epochs add column cold_documents integer not null default 0;

create function count_cold_documents() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    update corpus_epochs set cold_documents = cold_documents - 1 where tenant = old.tenant;
  elsif (old.tier = 'COLD' and old.deleted_at is null) <> (new.tier = 'COLD' and new.deleted_at is null) then
    insert into corpus_epochs (tenant, epoch, cold_documents)
    values (new.tenant, 1, case when new.tier = 'COLD' and new.deleted_at is null then 1 else 0 end)
    on conflict (tenant) do update set epoch = corpus_epochs.epoch + 1,
      cold_documents = corpus_epochs.cold_documents
        + case when new.tier = 'COLD' and new.deleted_at is null then 1 else -1 end;
  end if;
  return null;
end $$;

create trigger cold_documents_changed after update of tier, deleted_at on documents
  for each row when (old.tier = 'COLD' or new.tier = 'COLD') execute function count_cold_documents();
create trigger cold_documents_removed after delete on documents
  for each row when (old.tier = 'COLD' and old.deleted_at is null) execute function count_cold_documents();

create or replace view visible_chunks with (security_invoker = true) as
  select c.tenant, c.id as chunk_id, c.document_id, c.ordinal, c.modality, c.family, c.fingerprint, c.text, c.locator,
         d.title, d.updated_at, d.tier
  from chunks c
  join documents d on d.tenant = c.tenant and d.id = c.document_id
  where d.deleted_at is null
    and d.visible_version is not null
    and c.first_version <= d.visible_version
    and (c.last_version is null or c.last_version >= d.visible_version);

do $$ declare name text; begin
  foreach name in array array['document_use', 'cold_tier'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy worker on %I to tributary_worker using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on %I to tributary_worker', name);
  end loop;
end $$;
create policy tenant on document_use to tributary_app
  using (tenant = current_setting('tributary.tenant', true))
  with check (tenant = current_setting('tributary.tenant', true));
grant select, insert, update, delete on document_use to tributary_app;
