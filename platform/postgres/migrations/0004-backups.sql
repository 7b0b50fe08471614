-- compatible-with: 0002
--
-- The backups that are being made. While there is one, what its snapshot names is not removed from the other
-- stores, but for what was deleted: see docs/cluster/backup.md. One whose process has died says nothing any more,
-- and holds nothing up.

create table backups (
  id text primary key,
  started_at timestamptz not null default clock_timestamp(),
  heard_at timestamptz not null default clock_timestamp()
);
grant select, insert, update, delete on backups to tributary_worker;

-- Whether there is a backup that has been heard of within the last minute.
create function backup_is_running() returns boolean
  language sql stable as $$
    select exists (select from backups where heard_at > clock_timestamp() - interval '1 minute')
  $$;
