-- compatible-with: 0002
--
-- When a tenant's corpus changed last: what is remembered of searches is kept by the epoch and this instant together,
-- because a tenant that is removed and made anew counts from one again; and a search soon after a change asks the
-- vector store for what is newest. A trigger writes it, so that programs of before do it, too.
alter table corpus_epochs add column changed_at timestamptz not null default clock_timestamp();

create function note_corpus_change() returns trigger language plpgsql as $$
begin
  new.changed_at := clock_timestamp();
  return new;
end $$;

create trigger corpus_changed before insert or update on corpus_epochs
  for each row execute function note_corpus_change();
