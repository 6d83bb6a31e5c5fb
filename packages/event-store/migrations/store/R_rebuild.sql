-- Rebuilding a projection: its rows are folded into projections_rebuilt, compared, and swapped in by one short transaction.
-- One session at a time works on a projection, by an advisory lock of its own.

do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = '{{schema}}'::regnamespace and p.proname in
    ('rebuild_clear', 'rebuild_write', 'rebuild_mark', 'rebuild_swap') loop
    execute format('drop function %s', f);
  end loop;
end $$;

-- Drops what a rebuild made, so many rows at most; returns how many it dropped.
create function rebuild_clear(p_name text, p_limit integer) returns bigint
language sql security definer set search_path = {{schema}}, pg_temp as $$
  with dropped as (
    delete from projections_rebuilt r using (select c.key from projections_rebuilt c where c.name = p_name limit p_limit) d
    where r.name = p_name and r.key = d.key returning 1
  )
  select count(*) from dropped
$$;

-- Rows as a replay gives them; a JSON null as state: none. p_changed: what is live since the comparison is not known to be the same.
create function rebuild_write(p_name text, p_keys text[], p_states jsonb, p_changed boolean) returns void
language sql security definer set search_path = {{schema}}, pg_temp as $$
  insert into projections_rebuilt as r (name, key, state, changed)
    select p_name, w.key, nullif(w.state, 'null'), p_changed
    from rows from (unnest(p_keys), jsonb_array_elements(p_states)) as w(key, state)
  on conflict (name, key) do update set state = excluded.state, changed = r.changed or excluded.changed
$$;

-- Rows that the comparison found different; those that a replay does not give are to be deleted.
create function rebuild_mark(p_name text, p_keys text[]) returns void
language sql security definer set search_path = {{schema}}, pg_temp as $$
  insert into projections_rebuilt (name, key, state, changed) select p_name, k, null, true from unnest(p_keys) k
  on conflict (name, key) do update set changed = true
$$;

-- Puts changed rows, at most p_limit in order of key, in the place of the live ones. Their versions rise, so that whoever decides
-- with what was read before conflicts and reads again. p_taken = p_limit: there may be more.
create function rebuild_swap(p_name text, p_limit integer, out p_taken bigint, out p_written bigint)
language plpgsql security definer set search_path = {{schema}}, pg_temp as $$
declare
  v_keys text[];
  v_count bigint;
begin
  perform pg_advisory_xact_lock({{lock}});
  select coalesce(array_agg(c.key), '{}') into v_keys
    from (select r.key from projections_rebuilt r where r.name = p_name and r.changed order by r.key limit p_limit) c;
  p_taken := cardinality(v_keys);
  delete from projections p using projections_rebuilt r
    where r.name = p_name and r.key = any (v_keys) and r.state is null and p.name = r.name and p.key = r.key;
  get diagnostics p_written = row_count;
  insert into projections as p (name, key, version, state)
    select r.name, r.key, pg_current_xact_id()::text::bigint, r.state
    from projections_rebuilt r where r.name = p_name and r.key = any (v_keys) and r.state is not null
  on conflict (name, key) do update set version = excluded.version, state = excluded.state
    where p.state is distinct from excluded.state;
  get diagnostics v_count = row_count;
  p_written := p_written + v_count;
  if p_taken = p_limit then
    update projections_rebuilt r set changed = false where r.name = p_name and r.key = any (v_keys);
  end if;
end $$;

revoke all on function rebuild_clear, rebuild_write, rebuild_mark, rebuild_swap from public;
grant execute on function rebuild_clear, rebuild_write, rebuild_mark, rebuild_swap to {{service}};
