-- Keys of the subjects for a person who looks at masked data. They are handed out only for an operation `reveal` that
-- stands in triage's store, so actor, role and reason were signed and checked before; and only for an hour, so that an old
-- operation opens nothing new. Makes no keys: an erased or unknown subject has null. Each call is a row of vault.reveals.
create or replace function vault.reveal(operation text, asked_subjects text[]) returns table (subject text, key bytea)
language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
  said jsonb;
begin
  if cardinality(asked_subjects) > 10000 then
    raise exception 'TOO_MANY_SUBJECTS' using errcode = 'TP010', hint = 'ask for at most 10,000 subjects at a time';
  end if;
  begin
    execute $q$
      select e.data from triage.events e where e.stream = 'operation-' || $1 and e.type = 'ops.v1.OperationRecorded'
        and e.data ->> 'verb' = 'reveal' and e.occurred_at > clock_timestamp() - interval '1 hour'
    $q$ into said using operation;
  exception when undefined_table or invalid_schema_name or insufficient_privilege then
    said := null;
  end;
  if said is null then
    raise exception 'REVEAL_UNRECORDED' using errcode = 'TP011',
      hint = 'a reveal is recorded before it happens: use `--reveal --reason TEXT` of the towpath command line';
  end if;
  insert into vault.reveals (operation_id, actor, reason, target, subjects)
    values (operation, said ->> 'actor', said ->> 'reason', said ->> 'target', asked_subjects);
  return query select s.subject, k.key from unnest(asked_subjects) as s (subject)
    left join vault.keys k on k.subject = s.subject;
end $$;
revoke all on function vault.reveal(text, text[]) from public;
