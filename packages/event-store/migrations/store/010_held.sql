-- Messages that wait: for another try, behind an earlier one of their key, or for a worker of a `queued` handler. A row leaves
-- in the commit that decides its message. `seq` is the order within a key and lane; the head of each is the one that may run.
create sequence held_seq;
create table held (
  seq bigint primary key,
  lane text collate "C" not null check (lane in ('inline', 'queued')),
  order_key text collate "C" not null,
  head boolean not null,
  handler text collate "C" not null,
  -- how the inbox knows it
  event_id text collate "C" not null,
  fingerprint bytea not null,
  type text collate "C" not null,
  correlation_id text collate "C" not null,
  -- what came in: a record, a timer (as JSON in record_value), or the command that redrives a dead letter; the value sealed
  origin text collate "C" not null check (origin in ('record', 'timer', 'redrive')),
  topic text collate "C" not null,
  partition integer not null,
  record_offset bigint not null,
  produced_at timestamptz not null,
  record_key bytea,
  record_value bytea,
  record_headers jsonb not null,
  held_at timestamptz not null default clock_timestamp(),
  next_at timestamptz not null,
  retries integer not null,
  attempts integer not null,
  first_failed_at timestamptz,
  last_failed_at timestamptz,
  last_code text,
  last_place text,
  leased_by text,
  leased_until timestamptz,
  -- rises with each lease; who writes under an older one is refused
  fence bigint not null default 0,
  -- leases that ran out: their workers ended in the midst of it
  lost integer not null default 0,
  -- the dead letter that stops the key until somebody redrives or discards it
  stopped_by text collate "C"
);
create unique index held_head on held (lane, order_key) where head;
create index held_order on held (lane, order_key, seq);
create index held_due on held (lane, handler, next_at) where head and stopped_by is null;
create index held_stopped on held (stopped_by) where stopped_by is not null;
