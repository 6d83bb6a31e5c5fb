-- One service's store. Runs as its owner role; the service role gets SELECT and EXECUTE only.
create table events (
  position bigint generated always as identity primary key,
  stream text collate "C" not null,
  version bigint not null,
  id uuid not null,
  type text collate "C" not null,
  kind text collate "C" not null,
  data jsonb not null,
  metadata jsonb not null,
  digest bytea not null,
  hash bytea not null,
  xact xid8 not null default pg_current_xact_id(),
  occurred_at timestamptz not null,
  constraint events_stream_version unique (stream, version),
  constraint events_id unique (id)
);
-- The publication's row filter reads `kind`; with the full old row, a change by a superuser reaches the relay too.
alter table events replica identity full;
-- Ciphertext can't be compressed; up to a page it stays in its row instead of going to a table of its own.
alter table events set (toast_tuple_target = 8160);
-- Stories are looked up by people; causes and effects are found within their story, so one index is enough.
create index events_correlation on events ((metadata ->> 'correlationId'));

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'APPEND_ONLY: % on %.% is refused', tg_op, tg_table_schema, tg_table_name
    using errcode = 'TP004', hint = 'append a correcting event';
end $$;
create trigger events_append_only before update or delete on events for each row execute function refuse_change();
create trigger events_no_truncate before truncate on events for each statement execute function refuse_change();

-- What this service may append; written by set-up from the contracts.
create table emits (type text collate "C" primary key, kind text collate "C" not null);

create table inbox (
  consumer text collate "C" not null,
  event_id text collate "C" not null,
  day date not null,
  fingerprint bytea not null,
  received_at timestamptz not null default clock_timestamp(),
  repeats integer not null default 0,
  primary key (consumer, event_id, day)
) partition by range (day);
-- Safety net for days nobody made a partition for.
create table inbox_default partition of inbox default;

create table timers (
  id uuid primary key,
  due_at timestamptz not null,
  type text collate "C" not null,
  data jsonb not null,
  metadata jsonb not null,
  leased_until timestamptz
);
create index timers_due on timers (due_at);

create table projections (
  name text collate "C" not null,
  key text collate "C" not null,
  version bigint not null,
  state jsonb not null,
  primary key (name, key)
) with (fillfactor = 70, toast_tuple_target = 8160);
