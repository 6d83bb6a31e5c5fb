-- Events whose contract says how long they are kept. After that time their content is in a file of the archive and their row is a
-- stub: archived_at is set, data and metadata are null, everything else stays as it was appended. Place, id, digest and hash are
-- there, so the chain is verified as before, and the content in the file is proven by the stub's digest.
alter table emits add column keep_days integer check (keep_days > 0);

-- One row per file, written in the transaction that makes stubs of its events.
create table archives (
  id bigint generated always as identity primary key,
  -- below the archive's folder
  file text collate "C" not null unique,
  -- of the appends, UTC
  day date not null,
  events integer not null check (events > 0),
  first_position bigint not null,
  last_position bigint not null,
  bytes bigint not null,
  sha256 bytea not null check (octet_length(sha256) = 32),
  archived_at timestamptz not null
);
create trigger archives_append_only before update or delete on archives for each row execute function refuse_change();
create trigger archives_no_truncate before truncate on archives for each statement execute function refuse_change();

alter table events
  alter column data drop not null,
  alter column metadata drop not null,
  -- when the database took it, for those that are kept for a time; null: kept for ever, as was promised when it was appended
  add column appended_at timestamptz,
  add column archived_at timestamptz,
  add column archive bigint references archives,
  add constraint events_stub check (
    (archived_at is null) = (data is not null) and (archived_at is null) = (metadata is not null) and (archived_at is null) = (archive is null)
  );
create index events_kept_for_a_time on events (type, appended_at, position) where appended_at is not null and archived_at is null;
