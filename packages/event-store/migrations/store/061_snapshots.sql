-- Folded states of long streams, a cache: it may be emptied at any time, and a crash of Postgres empties it. `fold` names the code
-- that folded; `hash` is the chain's at `version`, so that a state is only taken for the very events it was folded from.
create unlogged table snapshots (
  stream text collate "C" primary key,
  version bigint not null,
  fold text not null,
  hash bytea not null,
  -- not jsonb: the state is given back with its names in the order they had
  state json not null
);
