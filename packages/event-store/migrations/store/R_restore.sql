-- Puts events back at the end of their stream, with the hashes that they had. For the owner and its members, which is set-up's role:
-- the service role may not execute it. Errors: TP001 VERSION_CONFLICT, TP003 TYPE_NOT_EMITTED, TP008 CHAIN_BROKEN; the detail is JSON.
create or replace function import_events(
  p_stream text, p_after bigint, p_ids uuid[], p_types text[], p_data jsonb, p_metadata jsonb,
  p_digests bytea[], p_hashes bytea[], p_occurred timestamptz[]
) returns void language plpgsql security definer set search_path = {{schema}}, pg_temp as $$
declare
  v_version bigint := 0;
  v_hash bytea := sha256(convert_to(p_stream, 'UTF8'));
  v_head record;
begin
  perform pg_advisory_xact_lock_shared({{lock}});
  select e.version, e.hash into v_head from events e where e.stream = p_stream order by e.version desc limit 1;
  if found then
    v_version := v_head.version;
    v_hash := v_head.hash;
  end if;
  if v_version <> p_after then
    raise exception 'VERSION_CONFLICT' using errcode = 'TP001',
      detail = json_build_object('stream', p_stream, 'expected', p_after, 'actual', v_version);
  end if;
  if jsonb_array_length(p_data) is distinct from cardinality(p_ids) or jsonb_array_length(p_metadata) is distinct from cardinality(p_ids) then
    raise not_null_violation using message = 'each event needs data and metadata';
  end if;
  for i in 1 .. cardinality(p_ids) loop
    v_version := v_version + 1;
    v_hash := sha256(v_hash || int8send(v_version) || p_digests[i]);
    if v_hash is distinct from p_hashes[i] then
      raise exception 'CHAIN_BROKEN' using errcode = 'TP008', detail = json_build_object('stream', p_stream, 'version', v_version);
    end if;
    insert into events (stream, version, id, type, kind, data, metadata, digest, hash, occurred_at, appended_at)
      select p_stream, v_version, p_ids[i], m.type, m.kind, p_data -> (i - 1), p_metadata -> (i - 1), p_digests[i], v_hash, p_occurred[i],
        case when m.keep_days is not null then clock_timestamp() end
      from emits m where m.type = p_types[i];
    if not found then
      raise exception 'TYPE_NOT_EMITTED' using errcode = 'TP003', detail = json_build_object('types', json_build_array(p_types[i]));
    end if;
  end loop;
end $$;
revoke all on function import_events from public;
