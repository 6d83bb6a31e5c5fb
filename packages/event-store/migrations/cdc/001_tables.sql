-- Work tables of the relay.
create table cdc.heartbeat (
  id integer primary key,
  beat_at timestamptz not null,
  -- every transaction below it has ended; once published and acknowledged, catch-up starts there
  safe_xid xid8 not null
);
create table cdc.lease (
  id integer primary key,
  holder text not null,
  -- fencing token: rises with each new holder
  epoch bigint not null,
  -- backend of the holder's walsender, for a standby that takes over
  walsender_pid integer,
  renewed_at timestamptz not null
);
create table cdc.parked (
  schema text not null,
  position bigint not null,
  stream text not null,
  version bigint not null,
  event_id uuid,
  type text,
  reason text not null,
  data jsonb,
  metadata jsonb,
  occurred_at timestamptz,
  parked_at timestamptz not null default clock_timestamp(),
  released_at timestamptz,
  released_by text,
  primary key (schema, position)
);
create index parked_open on cdc.parked (schema, stream) where released_at is null;
create table cdc.progress (
  slot text primary key,
  -- everything before it is acknowledged by Kafka
  lsn pg_lsn not null,
  safe_xid xid8,
  detail jsonb,
  updated_at timestamptz not null default clock_timestamp()
);
