-- Everything that writes. Owned by the schema's owner; the service role only executes.
-- Errors: TP001 VERSION_CONFLICT, TP003 TYPE_NOT_EMITTED, TP004 APPEND_ONLY, TP005 DIGEST_LENGTH; the detail is JSON.
-- 23502 when an event has no data or no metadata.

-- Dropped first, in the same transaction: a changed signature must not leave the old function callable beside the new one.
do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = '{{schema}}'::regnamespace and p.proname in
    ('insert_events', 'append', 'write_rows', 'write_rest', 'commit_group', 'lock_writers', 'claim_timers') loop
    execute format('drop function %s', f);
  end loop;
end $$;

-- Projection rows with the version that was read: 0 = must not exist; null as state deletes. A missed row is a conflict.
create function write_rows(p_rows jsonb, p_version bigint) returns void language plpgsql as $$
declare
  v_written bigint := 0;
  v_count bigint;
  v_missed record;
begin
  insert into projections (name, key, version, state)
    select w.name, w.key, p_version, w.state
    from jsonb_to_recordset(p_rows) as w(name text, key text, expected bigint, state jsonb)
    where w.expected = 0 and w.state is not null
    on conflict do nothing;
  get diagnostics v_written = row_count;
  if v_written < jsonb_array_length(p_rows) then
    update projections p set version = p_version, state = w.state
      from jsonb_to_recordset(p_rows) as w(name text, key text, expected bigint, state jsonb)
      where p.name = w.name and p.key = w.key and p.version = w.expected and w.expected > 0 and w.state is not null;
    get diagnostics v_count = row_count;
    v_written := v_written + v_count;
  end if;
  if v_written < jsonb_array_length(p_rows) then
    delete from projections p
      using jsonb_to_recordset(p_rows) as w(name text, key text, expected bigint, state jsonb)
      where p.name = w.name and p.key = w.key and p.version = w.expected and w.state is null;
    get diagnostics v_count = row_count;
    v_written := v_written + v_count;
  end if;
  if v_written <> jsonb_array_length(p_rows) then
    select w.name, w.key, w.expected, p.version into v_missed
      from jsonb_to_recordset(p_rows) as w(name text, key text, expected bigint)
      left join projections p on p.name = w.name and p.key = w.key
      where p.version is distinct from p_version and coalesce(p.version, 0) <> w.expected limit 1;
    raise exception 'VERSION_CONFLICT' using errcode = 'TP001', detail = json_build_object(
      'stream', format('row %s/%s', v_missed.name, v_missed.key), 'expected', v_missed.expected, 'actual', v_missed.version);
  end if;
end $$;

-- What only some groups have, by name: rows, timers, removedTimers, held, repeats. Absent ones are skipped.
create function write_rest(p_consumer text, p_rest jsonb, p_version bigint) returns void language plpgsql as $$
begin
  if p_rest ? 'rows' then
    perform write_rows(p_rest -> 'rows', p_version);
  end if;
  if p_rest ? 'timers' then
    insert into timers (id, due_at, type, data, metadata)
      select n.id, n."dueAt", n.type, n.data, n.metadata
      from jsonb_to_recordset(p_rest -> 'timers') as n(id uuid, "dueAt" timestamptz, type text, data jsonb, metadata jsonb)
      order by n.id on conflict (id) do nothing;
  end if;
  if p_rest ? 'removedTimers' then
    delete from timers where id = any (array(select r.id::uuid from jsonb_array_elements_text(p_rest -> 'removedTimers') as r(id)));
  end if;
  if p_rest ? 'held' then
    perform write_held(p_consumer, p_rest -> 'held');
  end if;
  if p_rest ? 'repeats' then
    update inbox i set repeats = i.repeats + r.count
      from jsonb_to_recordset(p_rest -> 'repeats') as r("eventId" text, day date, count integer)
      where i.consumer = p_consumer and i.event_id = r."eventId" and i.day = r.day;
  end if;
end $$;

-- Everything a group of messages changes, in one call and one transaction. Each parameter and each expression is paid by every
-- group, a lone message's too: what only some have comes in p_rest (see write_rest), null when there is none.
--
-- Inbox rows are written one by one; events by one statement for all, which starts the executor once. The
-- arrays run in parallel, one element per event (p_data and p_metadata are JSON arrays), sorted by stream, so that writers of the
-- same streams wait for each other instead of deadlocking.
-- Returns words with spaces between: the rows' new version, then version and hash (hexadecimal) of each event in that order. One text
-- is read as an expression, where several columns would have to be collected as a table's rows.
-- p_expected: null = at the end, 0 = the stream must not exist; only a stream's first event is looked at.
-- p_places: the place of each event in the order of the decisions, from 1; null when that is the order they are given in. Positions
-- follow it: whoever replays the log folds the events of several streams into one row in the order in which it was first done.
create function commit_group(
  p_consumer text,
  p_inbox_ids text[], p_inbox_days date[], p_fingerprints bytea[], p_marks text[], p_sequences bigint[],
  p_ids uuid[], p_streams text[], p_expected bigint[], p_types text[], p_data jsonb, p_metadata jsonb,
  p_digests bytea[], p_occurred timestamptz[], p_places integer[], p_rest jsonb
) returns text language plpgsql security definer set search_path = {{schema}}, pg_temp as $$
declare
  v_stream text;
  v_version bigint;
  v_hash bytea;
  v_versions bigint[];
  v_hashes bytea[];
  v_positions bigint[];
  v_row_version bigint;
  v_answer text;
  v_count bigint := coalesce(cardinality(p_ids), 0);
  v_written bigint;
begin
  -- All writers share it; a group that lost two races takes it alone (see lock_writers).
  perform pg_advisory_xact_lock_shared({{lock}});
  v_row_version := pg_current_xact_id()::text::bigint;
  v_answer := v_row_version;

  -- Sorted by id. A repeat violates the key, which the driver's side knows as INBOX_CONFLICT.
  for i in 1 .. coalesce(cardinality(p_inbox_ids), 0) loop
    insert into inbox (consumer, event_id, day, fingerprint, mark, sequence)
      values (p_consumer, p_inbox_ids[i], p_inbox_days[i], p_fingerprints[i], p_marks[i], p_sequences[i]);
  end loop;
  if p_places is not null then
    select array_agg(nextval('events_position_seq')) into v_positions from generate_series(1, cardinality(p_places));
  end if;
  if jsonb_array_length(p_data) is distinct from v_count or jsonb_array_length(p_metadata) is distinct from v_count then
    raise not_null_violation using message = 'each event needs data and metadata';
  end if;
  for i in 1 .. v_count loop
    if v_stream is distinct from p_streams[i] then
      v_stream := p_streams[i];
      select s.version, s.hash into v_version, v_hash from events s where s.stream = v_stream order by s.version desc limit 1;
      if not found then
        v_version := 0;
        v_hash := sha256(convert_to(v_stream, 'UTF8'));
      end if;
      if p_expected[i] <> v_version then
        raise exception 'VERSION_CONFLICT' using errcode = 'TP001',
          detail = json_build_object('stream', v_stream, 'expected', p_expected[i], 'actual', v_version);
      end if;
    end if;
    if octet_length(p_digests[i]) is distinct from 32 then
      raise exception 'DIGEST_LENGTH' using errcode = 'TP005', detail = json_build_object('bytes', octet_length(p_digests[i]));
    end if;
    v_version := v_version + 1;
    v_hash := sha256(v_hash || int8send(v_version) || p_digests[i]);
    v_versions[i] := v_version;
    v_hashes[i] := v_hash;
    v_answer := v_answer || ' ' || v_version || ' ' || encode(v_hash, 'hex');
  end loop;
  if v_count > 0 then
    -- `offset 0` keeps the look-up within the loop over the events, whatever the planner thinks: positions follow their order.
    insert into events (position, stream, version, id, type, kind, data, metadata, digest, hash, occurred_at, appended_at)
      overriding system value
      select coalesce(v_positions[p_places[i]], nextval('events_position_seq')), p_streams[i], v_versions[i], p_ids[i], p_types[i], m.kind,
        p_data -> (i - 1), p_metadata -> (i - 1), p_digests[i], v_hashes[i], p_occurred[i],
        case when m.keep_days is not null then clock_timestamp() end
      from generate_series(1, v_count::integer) as i
        cross join lateral (select e.kind, e.keep_days from emits e where e.type = p_types[i] offset 0) m;
    get diagnostics v_written = row_count;
    if v_written <> v_count then
      raise exception 'TYPE_NOT_EMITTED' using errcode = 'TP003', detail = json_build_object('types',
        (select json_agg(distinct t.type) from unnest(p_types) as t(type) where not exists (select from emits e where e.type = t.type)));
    end if;
  end if;
  if p_rest is not null then
    perform write_rest(p_consumer, p_rest, v_row_version);
  end if;
  return v_answer;
end $$;

-- Holds back every other writer of this schema until the transaction ends.
create function lock_writers() returns void
language sql security definer set search_path = {{schema}}, pg_temp as $$
  select pg_advisory_xact_lock({{lock}})
$$;

-- Leases due timers of these types by the database's clock. A timer is deleted by the commit_group that handles it.
create function claim_timers(p_types text[], p_limit integer, p_lease_ms integer)
returns table (id uuid, due_at timestamptz, type text, data jsonb, metadata jsonb)
language sql security definer set search_path = {{schema}}, pg_temp as $$
  update timers t set leased_until = clock_timestamp() + p_lease_ms * interval '1 millisecond'
  from (
    select c.id from timers c
    where c.type = any (p_types) and c.due_at <= clock_timestamp()
      and (c.leased_until is null or c.leased_until < clock_timestamp())
    order by c.due_at limit p_limit for update skip locked
  ) due
  where t.id = due.id
  returning t.id, t.due_at, t.type, t.data, t.metadata
$$;

revoke all on all functions in schema {{schema}} from public;
grant execute on function commit_group, lock_writers, claim_timers to {{service}};
