-- Messages that wait; see the table held. Errors: TP006 LEASE_LOST, whose detail names the rows. What may be due now is said
-- on the channel `<schema>.held`.

do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = '{{schema}}'::regnamespace and p.proname in
    ('write_held', 'promote_held', 'claim_held', 'lease_held', 'claim_retries', 'claim_work', 'claim_strays',
     'extend_held', 'release_held') loop
    execute format('drop function %s', f);
  end loop;
end $$;

-- Makes the oldest of a key its head when it has none. Only with the key's lock.
create function promote_held(p_consumer text, p_lane text, p_order_key text) returns void language sql as $$
  update held set head = true
  where seq = (select min(h.seq) from held h where h.consumer = p_consumer and h.lane = p_lane and h.order_key = p_order_key)
    and not exists (
      select from held h where h.consumer = p_consumer and h.lane = p_lane and h.order_key = p_order_key and h.head)
$$;

-- What a group of a consumer changes among the messages that wait, part of commit_group. Each element of the array has a kind:
--   add     a message of this consumer that waits from now on; `replaces`: it takes the place of the row that this dead letter stopped
--   done    the row of a message that was decided, under its lease (seq, fence)
--   failed  the row of a message that failed again, under its lease: tried again in delayMs, or stopped by a dead letter
--   free    the row that a dead letter stopped: its key goes on
-- Who changes a key has the key's lock, so that a key with rows always has exactly one head.
create function write_held(p_consumer text, p_held jsonb) returns void language plpgsql as $$
declare
  v_now timestamptz;
  v_lost json;
  v_row record;
  v_gone record;
  v_seq bigint;
  v_fence bigint;
begin
  perform pg_advisory_xact_lock(k.lock) from (
    select distinct hashtextextended(t.consumer || ' ' || t.lane || ' ' || t.order_key, {{lock}}) as lock from (
      select p_consumer as consumer, a.lane, a."orderKey" as order_key from jsonb_to_recordset(p_held) as a(lane text, "orderKey" text) where a.lane is not null
      union all
      select h.consumer, h.lane, h.order_key from jsonb_to_recordset(p_held) as c(seq bigint) join held h on h.seq = c.seq
      union all
      select h.consumer, h.lane, h.order_key from jsonb_to_recordset(p_held) as d("deadLetterId" text, replaces text)
        join held h on h.stopped_by in (d."deadLetterId", d.replaces)
    ) t order by 1
  ) k;
  v_now := clock_timestamp();

  perform from held h where h.seq in (select c.seq from jsonb_to_recordset(p_held) as c(seq bigint)) for update;
  select json_agg(c.seq::text) into v_lost from jsonb_to_recordset(p_held) as c(seq bigint, fence bigint)
    where c.seq is not null and not exists (select from held h where h.seq = c.seq and h.fence = c.fence);
  if v_lost is not null then
    raise exception 'LEASE_LOST' using errcode = 'TP006', detail = v_lost;
  end if;

  for v_row in select * from jsonb_to_recordset(p_held)
    as r(kind text, seq bigint, "deadLetterId" text, "delayMs" float8, code text, place text, "stoppedBy" text)
    where r.kind <> 'add'
  loop
    if v_row.kind = 'failed' then
      update held set attempts = attempts + 1, next_at = v_now + v_row."delayMs" * interval '1 millisecond',
          first_failed_at = coalesce(first_failed_at, v_now), last_failed_at = v_now, last_code = v_row.code, last_place = v_row.place,
          stopped_by = v_row."stoppedBy", leased_by = null, leased_until = null, lost = 0
        where seq = v_row.seq;
    else
      delete from held where case v_row.kind when 'done' then seq = v_row.seq else stopped_by = v_row."deadLetterId" end
        returning consumer, lane, order_key into v_gone;
      if found then
        perform promote_held(v_gone.consumer, v_gone.lane, v_gone.order_key);
      end if;
    end if;
  end loop;

  for v_row in select * from jsonb_to_recordset(p_held) as r(
    kind text, lane text, "orderKey" text, handler text, "eventId" text, fingerprint text, type text, "correlationId" text, origin text,
    topic text, partition integer, "offset" bigint, "producedAt" timestamptz, key text, value text, headers jsonb, retries integer,
    failures integer, "delayMs" float8, code text, place text, "stoppedBy" text, replaces text)
    where r.kind = 'add'
  loop
    v_seq := null;
    v_fence := 0;
    if v_row.replaces is not null then
      delete from held where stopped_by = v_row.replaces returning seq, consumer, lane, order_key, fence into v_gone;
      if found and v_gone.consumer = p_consumer and v_gone.lane = v_row.lane and v_gone.order_key = v_row."orderKey" then
        v_seq := v_gone.seq;
        -- Who still holds a lease of the row that stood there must not pass for its successor's.
        v_fence := v_gone.fence + 1;
      elsif found then
        perform promote_held(v_gone.consumer, v_gone.lane, v_gone.order_key);
      end if;
    end if;
    insert into held (seq, consumer, lane, order_key, head, handler, event_id, fingerprint, type, correlation_id,
        origin, topic, partition, record_offset, produced_at, record_key, record_value, record_headers,
        next_at, retries, attempts, first_failed_at, last_failed_at, last_code, last_place, stopped_by, fence)
      select coalesce(v_seq, nextval('held_seq')), p_consumer, v_row.lane, v_row."orderKey",
        not exists (
          select from held h
          where h.consumer = p_consumer and h.lane = v_row.lane and h.order_key = v_row."orderKey" and h.head),
        v_row.handler, v_row."eventId", decode(v_row.fingerprint, 'base64'), v_row.type, v_row."correlationId",
        v_row.origin, v_row.topic, v_row.partition, v_row."offset", v_row."producedAt",
        decode(v_row.key, 'base64'), decode(v_row.value, 'base64'), v_row.headers,
        v_now + v_row."delayMs" * interval '1 millisecond', v_row.retries, v_row.failures,
        case when v_row.failures > 0 then v_now end, case when v_row.failures > 0 then v_now end,
        v_row.code, v_row.place, v_row."stoppedBy", v_fence;
  end loop;
  -- Postgres sends one for a transaction, when it commits.
  perform pg_notify('{{schema}}.held', '');
end $$;

-- Leases rows that the caller has locked, by the database's clock. A row leaves with commit_group.
create function lease_held(p_seqs bigint[], p_lease_ms integer, p_owner text) returns setof held language sql as $$
  update held t set leased_by = p_owner, leased_until = clock_timestamp() + p_lease_ms * interval '1 millisecond', fence = t.fence + 1,
    lost = t.lost + case when t.leased_until is null then 0 else 1 end
  where t.seq = any (p_seqs)
  returning t.*
$$;

-- Leases due heads of a consumer's lane `inline`. The time is compared with now(), which, unlike clock_timestamp(), an index can serve.
create function claim_retries(p_consumer text, p_limit integer, p_lease_ms integer, p_owner text) returns setof held
language sql security definer set search_path = {{schema}}, pg_temp as $$
  select * from lease_held(array(
    select c.seq from held c
    where c.consumer = p_consumer and c.lane = 'inline' and c.head and c.stopped_by is null and c.next_at <= now()
      and (c.leased_until is null or c.leased_until < now())
    order by c.next_at, c.seq limit p_limit for update skip locked
  ), p_lease_ms, p_owner)
$$;

-- Leases due heads of a consumer's lane `queued`: of each type as many as its handler has workers free.
create function claim_work(p_consumer text, p_types text[], p_free integer[], p_lease_ms integer, p_owner text)
returns setof held
language sql security definer set search_path = {{schema}}, pg_temp as $$
  select * from lease_held(array(
    select due.seq from unnest(p_types, p_free) as f(type, free) cross join lateral (
      select c.seq from held c
      where c.consumer = p_consumer and c.lane = 'queued' and c.type = f.type and c.head and c.stopped_by is null and c.next_at <= now()
        and (c.leased_until is null or c.leased_until < now())
      order by c.next_at, c.seq limit f.free for update skip locked
    ) due
  ), p_lease_ms, p_owner)
$$;

-- Leases due heads of the lane `queued` that have waited that long and that nobody else takes: of the first of these consumers and
-- none of these types, whose handler was queued once; or of none of these consumers, in any lane, whose reaction is gone.
create function claim_strays(
  p_consumers text[], p_types text[], p_older_ms integer, p_limit integer, p_lease_ms integer, p_owner text
) returns setof held
language sql security definer set search_path = {{schema}}, pg_temp as $$
  select * from lease_held(array(
    select c.seq from held c
    where (c.consumer <> all (p_consumers) or c.consumer = p_consumers[1] and c.lane = 'queued' and c.type <> all (p_types))
      and c.head and c.stopped_by is null and c.next_at <= now()
      and c.held_at < now() - p_older_ms * interval '1 millisecond' and (c.leased_until is null or c.leased_until < now())
    limit p_limit for update skip locked
  ), p_lease_ms, p_owner)
$$;

-- Prolongs leases; returns those that are still the caller's.
create function extend_held(p_seqs bigint[], p_fences bigint[], p_lease_ms integer) returns setof bigint
language sql security definer set search_path = {{schema}}, pg_temp as $$
  update held t set leased_until = clock_timestamp() + p_lease_ms * interval '1 millisecond'
  from unnest(p_seqs, p_fences) as c(seq, fence)
  where t.seq = c.seq and t.fence = c.fence
  returning t.seq
$$;

-- Gives leases back before they run out: others may take the messages at once, and what was begun can't be written any more.
create function release_held(p_seqs bigint[], p_fences bigint[]) returns void
language plpgsql security definer set search_path = {{schema}}, pg_temp as $$
begin
  update held t set leased_by = null, leased_until = null, fence = t.fence + 1
    from unnest(p_seqs, p_fences) as c(seq, fence) where t.seq = c.seq and t.fence = c.fence;
  perform pg_notify('{{schema}}.held', '');
end $$;

revoke all on function write_held, promote_held, lease_held, claim_retries, claim_work, claim_strays, extend_held, release_held from public;
grant execute on function claim_retries, claim_work, claim_strays, extend_held, release_held to {{service}};
