-- Keeps the state of a stream for the code that folded it; an older one, or one of other code, gives way.
create or replace function keep_snapshot(p_stream text, p_version bigint, p_fold text, p_hash bytea, p_state json) returns void
language sql security definer set search_path = {{schema}}, pg_temp as $$
  insert into snapshots as s (stream, version, fold, hash, state)
    select p_stream, p_version, p_fold, p_hash, p_state
    where exists (select from events e where e.stream = p_stream and e.version = p_version and e.hash = p_hash)
  on conflict (stream) do update
    set version = excluded.version, fold = excluded.fold, hash = excluded.hash, state = excluded.state
    where s.fold <> excluded.fold or s.version < excluded.version
$$;

revoke all on function keep_snapshot from public;
grant execute on function keep_snapshot to {{service}};
