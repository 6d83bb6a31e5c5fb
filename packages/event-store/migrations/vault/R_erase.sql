-- Destroys keys for a person's erasure, and only when its command stands in triage's store: so actor, role and reason were
-- signed and checked before. Each call is a row of vault.erasures. Safe to repeat: a key is destroyed once, and the time of
-- that is what comes back. Errors: TP012 ERASURE_UNRECORDED, TP010 TOO_MANY_SUBJECTS.
create or replace function vault.destroy(erasure text, erased_person text, asked_subjects text[])
returns table (subject text, erased_at timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
  recorded boolean;
begin
  if cardinality(asked_subjects) > 10000 then
    raise exception 'TOO_MANY_SUBJECTS' using errcode = 'TP010', hint = 'ask for at most 10,000 subjects at a time';
  end if;
  begin
    execute $q$
      select exists (select from triage.events e where e.stream = 'erasure-command-' || $2
        and e.type = 'platform.v1.EraseSubject' and e.data ->> 'erasureId' = $1)
    $q$ into recorded using erasure, erased_person;
  exception when undefined_table or invalid_schema_name or insufficient_privilege then
    recorded := false;
  end;
  if recorded is not true then
    raise exception 'ERASURE_UNRECORDED' using errcode = 'TP012',
      hint = 'an erasure is recorded before it happens: use `towpath erase customer ID --reason TEXT`';
  end if;
  insert into vault.erasures (erasure_id, person, role, subjects) values (erasure, erased_person, session_user, asked_subjects);
  -- sorted: two erasures of the same keys wait for each other instead of deadlocking
  perform vault.erase(s) from (select distinct unnest(asked_subjects) as s order by 1) sorted;
  return query select k.subject::text, k.erased_at from vault.keys k where k.subject = any (asked_subjects);
end $$;

-- Keys of the person and of what names the person. Granted to triage alone, which knows whose they are.
create or replace function vault.erase(erasure text, person text, subjects text[])
returns table (subject text, erased_at timestamptz)
language sql volatile security definer set search_path = pg_catalog as $$
  select d.subject, d.erased_at from vault.destroy($1, $2, $3) d
$$;

-- Keys of dead letters that name the person, and of what people edited in them: no service can destroy any other key, for the
-- ids of dead letters are UUIDs and those of persons are not.
create or replace function vault.erase_dead_letters(erasure text, person text, dead_letters text[]) returns void
language sql volatile security definer set search_path = pg_catalog as $$
  select vault.destroy($1, $2, (
    select coalesce(array_agg(s), '{}') from unnest($3) l, lateral (values ('dead-letter:' || l), (l)) as names (s)
    where l ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'))
$$;

revoke all on function vault.destroy(text, text, text[]), vault.erase(text, text, text[]), vault.erase_dead_letters(text, text, text[])
  from public;
