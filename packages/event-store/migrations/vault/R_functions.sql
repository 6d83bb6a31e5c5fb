-- 256 random bits from the server's strong generator; three UUIDs carry 366 bits of entropy, without an extension.
create or replace function vault.random_key() returns bytea language sql volatile set search_path = pg_catalog as $$
  select sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
$$;

-- Keys of the subjects; missing ones are made, erased ones are null.
create or replace function vault.keys_for(subjects text[]) returns table (subject text, key bytea)
language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
  if cardinality(subjects) > 10000 then
    raise exception 'TOO_MANY_SUBJECTS' using errcode = 'TP010', hint = 'ask for at most 10,000 subjects at a time';
  end if;
  -- sorted: two callers that make the same keys wait for each other instead of deadlocking
  insert into vault.keys (subject, key)
    select s, vault.random_key() from (select distinct u as s from unnest(subjects) u
      where u is not null and not exists (select from vault.keys k where k.subject = u) order by 1) missing
    on conflict do nothing;
  return query select k.subject::text, k.key from vault.keys k where k.subject = any (subjects);
end $$;

-- Destroys the subject's key; what it encrypted is unreadable from now on, everywhere. Returns false when it was erased before.
create or replace function vault.erase(erased_subject text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
  before timestamptz;
begin
  select k.erased_at into before from vault.keys k where k.subject = erased_subject for update;
  insert into vault.keys (subject, key, erased_at) values (erased_subject, null, clock_timestamp())
    on conflict (subject) do update set key = null, erased_at = coalesce(vault.keys.erased_at, excluded.erased_at);
  return before is null;
end $$;

-- The HMAC key of lookups: equal values give equal hashes, and nobody without it can try values.
create or replace function vault.lookup_key() returns bytea
language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
  found_key bytea;
begin
  select value into found_key from vault.secrets where name = 'lookup';
  if found_key is null then
    insert into vault.secrets (name, value) values ('lookup', vault.random_key()) on conflict do nothing;
    select value into found_key from vault.secrets where name = 'lookup';
  end if;
  return found_key;
end $$;

revoke all on all functions in schema vault from public;
