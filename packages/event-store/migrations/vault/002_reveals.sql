-- Who was given keys of whom, on which recorded operation. Nobody reads or changes it but the functions of this schema.
create table vault.reveals (
  id bigint generated always as identity primary key,
  revealed_at timestamptz not null default clock_timestamp(),
  operation_id text not null,
  actor text not null,
  reason text not null,
  target text not null,
  subjects text[] not null
);
create function vault.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'APPEND_ONLY: % on vault.reveals is refused', tg_op using errcode = 'TP004';
end $$;
create trigger reveals_append_only before update or delete or truncate on vault.reveals
  for each statement execute function vault.refuse_change();
