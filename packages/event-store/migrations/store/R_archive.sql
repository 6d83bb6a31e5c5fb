-- Moving events out of the store after their contract's time. Owned by the schema's owner; only the archivist executes.
-- Errors: TP004 APPEND_ONLY, TP007 ARCHIVE_REFUSED, whose detail says how many rows were asked and how many may go.

-- The only change of an event that anybody is allowed, the owner included: exactly its content leaves, after its contract's time
-- by the database's clock. Whoever may be asked for, `archived_at` is never later than now.
create or replace function refuse_event_change() returns trigger language plpgsql as $$
declare
  v_otherwise {{schema}}.events%rowtype;
begin
  if tg_op = 'UPDATE' and old.archived_at is null and new.archived_at <= clock_timestamp()
    and new.data is null and new.metadata is null and new.archive is not null then
    v_otherwise := new;
    v_otherwise.data := old.data;
    v_otherwise.metadata := old.metadata;
    v_otherwise.archived_at := null;
    v_otherwise.archive := null;
    if v_otherwise is not distinct from old and exists (
      select from {{schema}}.emits m where m.type = old.type and old.appended_at < new.archived_at - m.keep_days * interval '1 day'
    ) then
      return new;
    end if;
  end if;
  raise exception 'APPEND_ONLY: % on %.% is refused', tg_op, tg_table_schema, tg_table_name
    using errcode = 'TP004', hint = 'append a correcting event';
end $$;
create or replace trigger events_append_only before update or delete on events for each row execute function refuse_event_change();

do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = '{{schema}}'::regnamespace and p.proname in
    ('may_archive', 'archivable', 'archive_events') loop
    execute format('drop function %s', f);
  end loop;
end $$;

-- Nobody needs the event any more: the relay has published it, nothing was appended behind it in its stream since its time began
-- to run, so whatever the stream is folded for is over, and no message waits behind it as a dead letter.
create function may_archive(p_event events, p_before timestamptz, p_published xid8) returns boolean language sql stable as $$
  select p_event.archived_at is null and p_event.appended_at < p_before
    and (p_event.kind = 'internal' or p_event.xact < p_published)
    and not exists (
      select from events n where n.stream = p_event.stream and n.version > p_event.version
        and coalesce(n.appended_at, n.occurred_at) >= p_before)
    and not exists (select from held h where h.stopped_by is not null and 'dead-letter-' || h.stopped_by = p_event.stream)
$$;

-- The next events that may go, oldest first, all appended on one day (UTC). p_as_of counts as now when it is later: nothing goes
-- early. p_after_*: the last one that was looked at. Bounded by rows and by bytes of content; the first always fits.
create function archivable(p_as_of timestamptz, p_after_at timestamptz, p_after bigint, p_rows integer, p_bytes bigint)
returns table (
  "position" bigint, stream text, version bigint, id uuid, type text, kind text, data text, metadata text,
  digest bytea, hash bytea, xact xid8, occurred_at timestamptz, appended_at timestamptz, due_at timestamptz
) language plpgsql security definer set search_path = {{schema}}, pg_temp as $$
#variable_conflict use_column
declare
  v_now timestamptz := least(p_as_of, clock_timestamp());
  v_published xid8 := (select min(p.safe_xid) from cdc.progress p);
begin
  return query
    with due as (
      select d.*, m.keep_days from emits m cross join lateral (
        select e.* from events e
        where e.type = m.type and e.appended_at is not null and e.archived_at is null
          and (e.appended_at, e.position) > (coalesce(p_after_at, '-infinity'), coalesce(p_after, 0))
          and e.appended_at < v_now - m.keep_days * interval '1 day'
          and may_archive(e, v_now - m.keep_days * interval '1 day', v_published)
        order by e.appended_at, e.position limit least(p_rows, 10000)
      ) d where m.keep_days is not null
    ), measured as (
      select due.*, row_number() over w as place, sum(pg_column_size(due.data)) over w as bytes,
        first_value(due.appended_at) over w as first_at
      from due window w as (order by due.appended_at, due.position)
    )
    select q.position, q.stream, q.version, q.id, q.type, q.kind, q.data::text, q.metadata::text, q.digest, q.hash, q.xact,
      q.occurred_at, q.appended_at, q.appended_at + q.keep_days * interval '1 day'
    from measured q
    where (q.place = 1 or (q.place <= p_rows and q.bytes <= p_bytes))
      and (q.appended_at at time zone 'UTC')::date = (q.first_at at time zone 'UTC')::date
    order by q.appended_at, q.position;
end $$;

-- Makes stubs of the events that a file holds, all or none. The file must be on disk before. Returns the archive's id.
create function archive_events(
  p_as_of timestamptz, p_file text, p_day date, p_bytes bigint, p_sha256 bytea, p_positions bigint[]
) returns bigint language plpgsql security definer set search_path = {{schema}}, pg_temp as $$
declare
  v_now timestamptz := least(p_as_of, clock_timestamp());
  v_published xid8 := (select min(p.safe_xid) from cdc.progress p);
  v_id bigint;
  v_count bigint;
begin
  insert into archives (file, day, events, first_position, last_position, bytes, sha256, archived_at)
    select p_file, p_day, count(*), min(q.position), max(q.position), p_bytes, p_sha256, v_now from unnest(p_positions) as q(position)
    returning id into v_id;
  update events e set data = null, metadata = null, archived_at = v_now, archive = v_id
    from unnest(p_positions) as q(position), emits m
    where e.position = q.position and m.type = e.type and may_archive(e, v_now - m.keep_days * interval '1 day', v_published);
  get diagnostics v_count = row_count;
  if v_count <> cardinality(p_positions) then
    raise exception 'ARCHIVE_REFUSED: only % of % events may leave the store', v_count, cardinality(p_positions)
      using errcode = 'TP007', detail = json_build_object('asked', cardinality(p_positions), 'allowed', v_count);
  end if;
  return v_id;
end $$;

revoke all on function refuse_event_change, may_archive, archivable, archive_events from public;
grant execute on function archivable, archive_events to towpath_archivist;
