-- compatible-with: 0002
--
-- An upload whose bytes the client puts into the object store by itself: where it puts them. They are copied to a
-- key that the client cannot write to before anything is made of them.
alter table uploads add column direct_key text;
create index uploads_direct_key on uploads (direct_key) where direct_key is not null;
