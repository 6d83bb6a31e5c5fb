-- Everything that writes. Owned by the schema's owner; the service role only executes.
-- Errors: TP001 VERSION_CONFLICT, TP002 INBOX_CONFLICT, TP003 TYPE_NOT_EMITTED, TP004 APPEND_ONLY; the detail is JSON.

-- Dropped first, in the same transaction: a changed signature must not leave the old function callable beside the new one.
do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = '{{schema}}'::regnamespace and p.proname in
    ('insert_events', 'append', 'write_rows', 'commit_group', 'lock_writers', 'claim_timers', 'maintain_inbox') loop
    execute format('drop function %s', f);
  end loop;
end $$;

-- Appends and chains the events. Arrays run in parallel, one element per event (p_data and p_metadata are JSON arrays);
-- versions and hashes come back in that order.
create function insert_events(
  p_ids uuid[], p_streams text[], p_expected bigint[], p_types text[], p_data jsonb, p_metadata jsonb,
  p_digests bytea[], p_occurred timestamptz[], out versions bigint[], out hashes bytea[]
) language plpgsql as $$
declare
  e record;
  v_stream text;
  v_version bigint;
  v_hash bytea;
  v_count bigint;
begin
  for e in
    select n.ord, n.stream, n.expected, n.digest, h.version, h.hash
    from unnest(p_streams, p_expected, p_digests) with ordinality as n(stream, expected, digest, ord)
    left join lateral (
      select s.version, s.hash from events s where s.stream = n.stream order by s.version desc limit 1
    ) h on true
    order by n.stream collate "C", n.ord
  loop
    if v_stream is distinct from e.stream then
      v_stream := e.stream;
      v_version := coalesce(e.version, 0);
      v_hash := coalesce(e.hash, sha256(convert_to(e.stream, 'UTF8')));
      if e.expected <> v_version then
        raise exception 'VERSION_CONFLICT' using errcode = 'TP001',
          detail = json_build_object('stream', v_stream, 'expected', e.expected, 'actual', v_version);
      end if;
    end if;
    v_version := v_version + 1;
    v_hash := sha256(v_hash || int8send(v_version) || e.digest);
    versions[e.ord] := v_version;
    hashes[e.ord] := v_hash;
  end loop;

  -- In (stream, version) order: writers of the same streams wait for each other instead of deadlocking.
  insert into events (stream, version, id, type, kind, data, metadata, digest, hash, occurred_at)
    select n.stream, n.version, n.id, n.type, m.kind, n.data, n.metadata, n.digest, n.hash, n.occurred
    from rows from (
      unnest(p_ids, p_streams, p_types, p_digests, p_occurred, versions, hashes),
      jsonb_array_elements(p_data), jsonb_array_elements(p_metadata)
    ) as n(id, stream, type, digest, occurred, version, hash, data, metadata)
    join emits m on m.type = n.type
    order by n.stream collate "C", n.version;
  get diagnostics v_count = row_count;
  if v_count <> cardinality(p_ids) then
    raise exception 'TYPE_NOT_EMITTED' using errcode = 'TP003', detail = json_build_object('types',
      (select json_agg(distinct t) from unnest(p_types) t where not exists (select from emits where emits.type = t)));
  end if;
end $$;

-- Appends events; see insert_events. expected: null = at the end, 0 = the stream must not exist.
create function append(
  p_ids uuid[], p_streams text[], p_expected bigint[], p_types text[], p_data jsonb, p_metadata jsonb,
  p_digests bytea[], p_occurred timestamptz[], out versions bigint[], out hashes bytea[]
) language plpgsql security definer set search_path = {{schema}}, pg_temp as $$
begin
  perform pg_advisory_xact_lock_shared({{lock}});
  select r.versions, r.hashes into versions, hashes
    from insert_events(p_ids, p_streams, p_expected, p_types, p_data, p_metadata, p_digests, p_occurred) r;
end $$;

-- Projection rows with the version that was read: 0 = must not exist; a JSON null as state deletes. A missed row is a conflict.
create function write_rows(
  p_names text[], p_keys text[], p_expected bigint[], p_states jsonb, p_version bigint
) returns void language plpgsql as $$
declare
  v_written bigint := 0;
  v_count bigint;
  v_missed record;
begin
  insert into projections (name, key, version, state)
    select w.name, w.key, p_version, w.state
    from rows from (unnest(p_names, p_keys, p_expected), jsonb_array_elements(p_states)) as w(name, key, expected, state)
    where w.expected = 0 and w.state <> 'null'
    on conflict do nothing;
  get diagnostics v_written = row_count;
  if v_written < cardinality(p_keys) then
    update projections p set version = p_version, state = w.state
      from rows from (unnest(p_names, p_keys, p_expected), jsonb_array_elements(p_states)) as w(name, key, expected, state)
      where p.name = w.name and p.key = w.key and p.version = w.expected and w.expected > 0 and w.state <> 'null';
    get diagnostics v_count = row_count;
    v_written := v_written + v_count;
  end if;
  if v_written < cardinality(p_keys) then
    delete from projections p
      using rows from (unnest(p_names, p_keys, p_expected), jsonb_array_elements(p_states)) as w(name, key, expected, state)
      where p.name = w.name and p.key = w.key and p.version = w.expected and w.state = 'null';
    get diagnostics v_count = row_count;
    v_written := v_written + v_count;
  end if;
  if v_written <> cardinality(p_keys) then
    select w.name, w.key, w.expected, p.version into v_missed
      from unnest(p_names, p_keys, p_expected) as w(name, key, expected)
      left join projections p on p.name = w.name and p.key = w.key
      where p.version is distinct from p_version and coalesce(p.version, 0) <> w.expected limit 1;
    raise exception 'VERSION_CONFLICT' using errcode = 'TP001', detail = json_build_object(
      'stream', format('row %s/%s', v_missed.name, v_missed.key), 'expected', v_missed.expected, 'actual', v_missed.version);
  end if;
end $$;

-- Everything a group of messages changes, in one call and one transaction. Empty or null arrays are skipped.
create function commit_group(
  p_consumer text,
  p_inbox_ids text[], p_inbox_days date[], p_fingerprints bytea[],
  p_repeat_ids text[], p_repeat_days date[], p_repeat_counts integer[],
  p_ids uuid[], p_streams text[], p_expected bigint[], p_types text[], p_data jsonb, p_metadata jsonb,
  p_digests bytea[], p_occurred timestamptz[],
  p_row_names text[], p_row_keys text[], p_row_expected bigint[], p_row_states jsonb,
  p_timer_ids uuid[], p_timer_due timestamptz[], p_timer_types text[], p_timer_data jsonb, p_timer_metadata jsonb,
  p_removed_timers uuid[],
  out versions bigint[], out hashes bytea[], out row_version bigint
) language plpgsql security definer set search_path = {{schema}}, pg_temp as $$
declare
  v_count bigint;
begin
  -- All writers share it; a group that lost two races takes it alone (see lock_writers).
  perform pg_advisory_xact_lock_shared({{lock}});
  row_version := pg_current_xact_id()::text::bigint;

  if cardinality(p_inbox_ids) > 0 then
    insert into inbox (consumer, event_id, day, fingerprint)
      select p_consumer, n.id, n.day, n.fingerprint
      from unnest(p_inbox_ids, p_inbox_days, p_fingerprints) as n(id, day, fingerprint)
      order by n.id collate "C", n.day
      on conflict do nothing;
    get diagnostics v_count = row_count;
    if v_count <> cardinality(p_inbox_ids) then
      raise exception 'INBOX_CONFLICT' using errcode = 'TP002',
        detail = json_build_object('consumer', p_consumer, 'repeated', cardinality(p_inbox_ids) - v_count);
    end if;
  end if;
  if cardinality(p_ids) > 0 then
    select r.versions, r.hashes into versions, hashes
      from insert_events(p_ids, p_streams, p_expected, p_types, p_data, p_metadata, p_digests, p_occurred) r;
  end if;
  if cardinality(p_row_keys) > 0 then
    perform write_rows(p_row_names, p_row_keys, p_row_expected, p_row_states, row_version);
  end if;
  if cardinality(p_timer_ids) > 0 then
    insert into timers (id, due_at, type, data, metadata)
      select n.id, n.due_at, n.type, n.data, n.metadata
      from rows from (
        unnest(p_timer_ids, p_timer_due, p_timer_types), jsonb_array_elements(p_timer_data), jsonb_array_elements(p_timer_metadata)
      ) as n(id, due_at, type, data, metadata)
      order by n.id on conflict (id) do nothing;
  end if;
  if cardinality(p_removed_timers) > 0 then
    delete from timers where id = any (p_removed_timers);
  end if;
  if cardinality(p_repeat_ids) > 0 then
    update inbox i set repeats = i.repeats + r.count
      from unnest(p_repeat_ids, p_repeat_days, p_repeat_counts) as r(id, day, count)
      where i.consumer = p_consumer and i.event_id = r.id and i.day = r.day;
  end if;
end $$;

-- Holds back every other writer of this schema until the transaction ends.
create function lock_writers() returns void
language sql security definer set search_path = {{schema}}, pg_temp as $$
  select pg_advisory_xact_lock({{lock}})
$$;

-- Leases due timers by the database's clock. A timer is deleted by the commit_group that handles it.
create function claim_timers(p_limit integer, p_lease_ms integer)
returns table (id uuid, due_at timestamptz, type text, data jsonb, metadata jsonb)
language sql security definer set search_path = {{schema}}, pg_temp as $$
  update timers t set leased_until = clock_timestamp() + p_lease_ms * interval '1 millisecond'
  from (
    select c.id from timers c
    where c.due_at <= clock_timestamp() and (c.leased_until is null or c.leased_until < clock_timestamp())
    order by c.due_at limit p_limit for update skip locked
  ) due
  where t.id = due.id
  returning t.id, t.due_at, t.type, t.data, t.metadata
$$;

-- Makes the partitions of today and the coming days, moves what the default partition caught of them, drops those past keeping.
create function maintain_inbox(p_ahead_days integer, p_keep_days integer) returns void
language plpgsql security definer set search_path = {{schema}}, pg_temp as $$
declare
  v_today date := (clock_timestamp() at time zone 'UTC')::date;
  v_day date;
  v_name text;
  v_old record;
begin
  perform pg_advisory_xact_lock({{lock}} + 1);
  for v_day in select v_today + n from generate_series(-1, least(p_ahead_days, 400)) n loop
    v_name := 'inbox_' || to_char(v_day, 'YYYYMMDD');
    continue when to_regclass(format('{{schema}}.%I', v_name)) is not null;
    execute format('create table %I (like inbox including defaults including constraints)', v_name);
    execute format('with moved as (delete from inbox_default where day = %L returning *) insert into %I select * from moved', v_day, v_name);
    execute format('alter table inbox attach partition %I for values from (%L) to (%L)', v_name, v_day, v_day + 1);
    execute format('grant select on %I to {{service}}, towpath_reader', v_name);
  end loop;
  for v_old in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = '{{schema}}.inbox'::regclass and c.relname ~ '^inbox_\d{8}$'
      and to_date(substr(c.relname, 7), 'YYYYMMDD') < v_today - greatest(p_keep_days, 1)
  loop
    execute format('drop table %I', v_old.relname);
  end loop;
  delete from inbox_default where day < v_today - greatest(p_keep_days, 1);
end $$;

-- Few rows against big tables: the planner must not fall for a scan while statistics are young.
do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = '{{schema}}'::regnamespace
    and p.proname in ('append', 'commit_group') loop
    execute format('alter function %s set plan_cache_mode = force_generic_plan', f);
    execute format('alter function %s set enable_hashjoin = off', f);
    execute format('alter function %s set enable_mergejoin = off', f);
    execute format('alter function %s set enable_seqscan = off', f);
    execute format('alter function %s set jit = off', f);
  end loop;
end $$;

revoke all on all functions in schema {{schema}} from public;
grant execute on function append, commit_group, lock_writers, claim_timers, maintain_inbox to {{service}};
