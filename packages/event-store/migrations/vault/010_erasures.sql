-- Which keys were destroyed, for which recorded erasure, by which role. Nobody reads or changes it but the functions of this schema.
create table vault.erasures (
  id bigint generated always as identity primary key,
  erased_at timestamptz not null default clock_timestamp(),
  erasure_id text not null,
  person text not null,
  role text not null,
  subjects text[] not null
);
create function vault.refuse_change_of_erasures() returns trigger language plpgsql as $$
begin
  raise exception 'APPEND_ONLY: % on vault.erasures is refused', tg_op using errcode = 'TP004';
end $$;
create trigger erasures_append_only before update or delete or truncate on vault.erasures
  for each statement execute function vault.refuse_change_of_erasures();
