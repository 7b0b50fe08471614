-- compatible-with: 0002
--
-- Pictures, sound, films and tables: passages in other spaces than that of text, other views of one passage, what is
-- shown of them, and what models found out about parts of a document.

-- A view is found in the place of the passage that it is another view of. `content_hash` is that of what the vectors in
-- the store were made of; null while they are being written.
alter table chunks add column view_of text;
alter table chunks add column preview_key text;
alter table chunks add column preview_media_type text;
alter table chunks add column cells jsonb;
alter table chunks add column content_hash text;
create index chunks_preview on chunks (preview_key) where preview_key is not null;

-- What was missing here when a version was gone through, though it needs it: see `tools` in the code.
alter table document_versions add column lacks text[] not null default '{}';
create index document_versions_lacks on document_versions using gin (lacks) where lacks <> '{}';

-- The kinds of content that a tenant has, or had once.
alter table corpus_epochs add column modalities text[] not null default '{TEXT}';

create table derivations (
  tenant text not null,
  document_id text not null,
  name text not null,
  value jsonb not null,
  -- The newest version that it was of use for.
  seen_version integer not null,
  primary key (tenant, document_id, name),
  foreign key (tenant, document_id) references documents (tenant, id) on delete cascade
);

create or replace view visible_chunks with (security_invoker = true) as
  select c.tenant, c.id as chunk_id, c.document_id, c.ordinal, c.modality, c.family, c.fingerprint, c.text, c.locator,
         d.title, d.updated_at, d.tier, c.view_of, c.cells
  from chunks c
  join documents d on d.tenant = c.tenant and d.id = c.document_id
  where d.deleted_at is null
    and d.visible_version is not null
    and c.first_version <= d.visible_version
    and (c.last_version is null or c.last_version >= d.visible_version);

-- As before, for passages in the space of text alone: there are migrations between text encoders.
create or replace function note_missing_vectors(for_tenant text, for_document text) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(7294117006);
  if not exists (select from encoders where kept) then return; end if;
  with missing as (
    select e.fingerprint, count(*)::int as passages
    from encoders e
    join visible_chunks v on v.tenant = for_tenant and v.document_id = for_document and v.family = 'text'
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

alter table derivations enable row level security;
alter table derivations force row level security;
create policy tenant on derivations to tributary_app
  using (tenant = current_setting('tributary.tenant', true))
  with check (tenant = current_setting('tributary.tenant', true));
create policy worker on derivations to tributary_worker using (true) with check (true);
grant select, insert, update, delete on derivations to tributary_app, tributary_worker;
