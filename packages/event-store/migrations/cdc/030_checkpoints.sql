-- Who may sign checkpoints. Written by set-up only; kept after a key was replaced, because its checkpoints stay.
create table cdc.checkpoint_keys (
  -- hex SHA-256 of the public key
  id text primary key,
  -- Ed25519, 32 bytes
  public_key bytea not null,
  added_at timestamptz not null default clock_timestamp()
);
-- The last checkpoint of each log, written before it is published: a relay that was killed in between publishes it later, a
-- topic that has fewer lost some, and one that has more tells that the database was set back.
create table cdc.checkpoints (
  log text primary key,
  number bigint not null,
  statement text not null,
  signature bytea not null,
  key_id text not null,
  signed_at timestamptz not null default clock_timestamp()
);
