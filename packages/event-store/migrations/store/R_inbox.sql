-- The inbox's partitions, a day each: made ahead, dropped after the keeping time. Only the archivist does it, no service.
drop function if exists maintain_inbox(integer, integer);
drop function if exists maintain_inbox(integer, integer, timestamptz);

-- Before rows are forgotten, the highest place of each of their streams is kept.
create or replace function raise_marks(p_from regclass, p_before date, p_received_before timestamptz) returns void
language plpgsql as $$
begin
  execute format(
    'insert into inbox_marks as m (consumer, mark, sequence)
       select consumer, mark, max(sequence) from %s
       where day < $1 and received_at < $2 and mark is not null group by consumer, mark
     on conflict (consumer, mark) do update set sequence = excluded.sequence where m.sequence < excluded.sequence', p_from)
    using p_before, p_received_before;
end $$;

-- Makes the partitions of today and the coming days, moves what the default partition caught of them, drops those past keeping.
-- A message that came late, such as one released after it was parked, is kept as long after it came: its repeats come late, too.
-- p_as_of is never later than now: nobody can have rows forgotten early. Returns how many partitions were dropped.
-- It gives up after 2 s without its lock, so that it can't hold back the commits that queue behind it; the next call tries again.
create function maintain_inbox(p_ahead_days integer, p_keep_days integer, p_as_of timestamptz) returns integer
language plpgsql security definer set search_path = {{schema}}, pg_temp set lock_timeout = '2s' as $$
declare
  v_today date := (least(p_as_of, clock_timestamp()) at time zone 'UTC')::date;
  v_first date := v_today - greatest(p_keep_days, 1);
  v_received timestamptz := v_first::timestamp at time zone 'UTC';
  v_day date;
  v_name text;
  v_old record;
  v_dropped integer := 0;
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
    select c.oid::regclass as part from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = '{{schema}}.inbox'::regclass and c.relname ~ '^inbox_\d{8}$'
      and to_date(substr(c.relname, 7), 'YYYYMMDD') < v_first
  loop
    execute format('alter table inbox detach partition %s', v_old.part);
    perform raise_marks(v_old.part, v_first, v_received);
    execute format('insert into inbox select * from %s where received_at >= $1', v_old.part) using v_received;
    execute format('drop table %s', v_old.part);
    v_dropped := v_dropped + 1;
  end loop;
  perform raise_marks('inbox_default', v_first, v_received);
  delete from inbox_default where day < v_first and received_at < v_received;
  return v_dropped;
end $$;

revoke all on function raise_marks, maintain_inbox from public;
grant execute on function maintain_inbox to towpath_archivist;
grant select on inbox_marks to {{service}}, towpath_reader;
