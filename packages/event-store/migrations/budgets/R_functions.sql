-- The only way to the accounts. All of them take the same lock first, so each sees what the one before left and none can wait
-- for another in a circle; a call to a model takes a thousand times as long as one of these.
create or replace function budgets.lock() returns void language sql volatile set search_path = pg_catalog as $$
  select pg_advisory_xact_lock(7230, 25)
$$;

-- Moves an amount from what is reserved to what is spent, in the three accounts of a reservation.
create or replace function budgets.post(r budgets.reservations, reserved bigint, spent bigint) returns void
language sql volatile set search_path = pg_catalog as $$
  update budgets.accounts a set reserved_micros = a.reserved_micros + reserved, spent_micros = a.spent_micros + spent,
      changed_at = clock_timestamp()
    where (a.scope, a.key) in (('day', r.day::text), ('agent', r.day || ' ' || r.agent), ('run', r.run))
$$;

-- Reservations whose process died: the call may have been billed, so they are spent.
create or replace function budgets.lapse() returns void language plpgsql volatile set search_path = pg_catalog as $$
declare
  r budgets.reservations;
begin
  for r in update budgets.reservations set state = 'lapsed'
      where state = 'open' and lease_until < clock_timestamp() returning * loop
    perform budgets.post(r, -r.amount_micros, r.amount_micros);
  end loop;
end $$;

-- What is older than anybody looks at: runs after 35 days, agents and days after 400.
create or replace function budgets.prune(today date) returns void language sql volatile set search_path = pg_catalog as $$
  delete from budgets.accounts where day < today - case scope when 'run' then 35 else 400 end;
  delete from budgets.reservations where state = 'lapsed' and day < today - 35
$$;

-- Reserves the worst case of one call in the accounts of its run, its agent's day and the day, or in none. Returns no row when it
-- is granted, else the account that has no room. The same id again changes nothing. Errors: TP025 BUDGET_BAD.
create or replace function budgets.reserve(
  reservation uuid, of_agent text, of_run text, amount bigint, run_cap bigint, agent_cap bigint, day_cap bigint, lease_ms integer)
returns table (scope text, cap_micros bigint, spent_micros bigint, reserved_micros bigint)
language plpgsql volatile security definer set search_path = pg_catalog set timezone = 'UTC' set datestyle = 'ISO' as $$
declare
  today date := (clock_timestamp() at time zone 'UTC')::date;
  short budgets.accounts;
begin
  if amount < 0 or amount is null or least(run_cap, agent_cap, day_cap) < 0 or lease_ms not between 1 and 3600000
     or length(of_agent) not between 1 and 200 or length(of_run) not between 1 and 200 then
    raise exception 'BUDGET_BAD' using errcode = 'TP025', hint = 'amounts and caps are whole micro-units from 0, a lease is at most an hour';
  end if;
  perform budgets.lock();
  if exists (select from budgets.reservations r where r.id = reservation) then return; end if;
  perform budgets.lapse();
  if not exists (select from budgets.accounts a where a.scope = 'day' and a.key = today::text) then
    perform budgets.prune(today);
  end if;
  insert into budgets.accounts as a (scope, key, day, cap_micros)
    values ('day', today::text, today, day_cap), ('agent', today || ' ' || of_agent, today, agent_cap), ('run', of_run, today, run_cap)
    on conflict on constraint accounts_pkey do update set cap_micros = excluded.cap_micros;
  select a.* into short from budgets.accounts a
    where (a.scope, a.key) in (('day', today::text), ('agent', today || ' ' || of_agent), ('run', of_run))
      and a.spent_micros + a.reserved_micros + amount > a.cap_micros
    order by array_position(array['run', 'agent', 'day'], a.scope) limit 1;
  if short.scope is not null then
    update budgets.accounts a set refusals = a.refusals + 1 where (a.scope, a.key) = (short.scope, short.key);
    return query select short.scope, short.cap_micros, short.spent_micros, short.reserved_micros;
    return;
  end if;
  insert into budgets.reservations (id, agent, run, day, amount_micros, lease_until)
    values (reservation, of_agent, of_run, today, amount, clock_timestamp() + lease_ms * interval '1 millisecond');
  update budgets.accounts a set reserved_micros = a.reserved_micros + amount, calls = a.calls + 1, changed_at = clock_timestamp()
    where (a.scope, a.key) in (('day', today::text), ('agent', today || ' ' || of_agent), ('run', of_run));
end $$;

-- Ends a reservation with what the call cost; null = nobody can say, so its worst case. What lapsed in the meantime is put right.
-- Returns what was posted, or null when the reservation was settled before.
create or replace function budgets.settle(reservation uuid, cost bigint) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog set timezone = 'UTC' set datestyle = 'ISO' as $$
declare
  r budgets.reservations;
  posted bigint;
begin
  if cost < 0 then
    raise exception 'BUDGET_BAD' using errcode = 'TP025', hint = 'a call never costs less than nothing';
  end if;
  perform budgets.lock();
  delete from budgets.reservations where id = reservation returning * into r;
  if r.id is null then return null; end if;
  posted := coalesce(cost, r.amount_micros);
  if r.state = 'open' then
    perform budgets.post(r, -r.amount_micros, posted);
  else
    perform budgets.post(r, 0, posted - r.amount_micros);
  end if;
  return posted;
end $$;

revoke all on all functions in schema budgets from public;
