-- Rows of projections that are built anew beside the live ones; empty when no rebuild runs or was killed.
create table projections_rebuilt (
  name text collate "C" not null,
  key text collate "C" not null,
  -- null: a replay gives no such row
  state jsonb,
  -- the live row differs: the swap writes these and no others
  changed boolean not null,
  primary key (name, key)
) with (fillfactor = 70, toast_tuple_target = 8160);
create index projections_rebuilt_changed on projections_rebuilt (name) where changed;
