-- What topics held and this store did not, after its database was set back: written by `towpath doctor restore`, read by the service,
-- which decides the causes again and must come to the same. Empty at any other time.
create table restored (
  event_id uuid primary key,
  -- the message that caused it, and the handler or step that decided it
  cause text collate "C" not null,
  handler text collate "C" not null,
  stream text collate "C" not null,
  version bigint not null,
  type text collate "C" not null,
  data jsonb not null,
  metadata jsonb not null,
  occurred_at timestamptz not null,
  -- stands in `events` as the topic has it; otherwise the service has to come to it
  imported boolean not null
);
create index restored_cause on restored (cause);
create index restored_time on restored (occurred_at);
