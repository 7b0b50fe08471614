-- compatible-with: 0002
--
-- Documents are gone through again where the encoder of their pictures or of their sound has changed, by a worker that
-- has what it takes.

-- Which encoders a version's pictures and sound were put into their spaces by; null where it has none, or where there
-- was no encoder.
alter table document_versions add column visual_space text;
alter table document_versions add column sound_space text;
update document_versions v set visual_space = ''
  where exists (select from chunks c where c.tenant = v.tenant and c.document_id = v.document_id and c.family = 'image');
update document_versions v set sound_space = ''
  where exists (select from chunks c where c.tenant = v.tenant and c.document_id = v.document_id and c.family = 'audio');
create index document_versions_visual_space on document_versions (visual_space) where visual_space is not null;
create index document_versions_sound_space on document_versions (sound_space) where sound_space is not null;

-- What a worker should have to take a job: see `abilities` in the code.
alter table jobs add column needs text[] not null default '{}';
