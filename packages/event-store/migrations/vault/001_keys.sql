-- Keys of data subjects. Nobody reads the tables; the functions below are the only way in.
create table vault.keys (
  subject text collate "C" primary key,
  -- null once erased: the row stays, so that no new key is ever made for an erased subject
  key bytea,
  created_at timestamptz not null default clock_timestamp(),
  erased_at timestamptz
);
create table vault.secrets (name text primary key, value bytea not null);
