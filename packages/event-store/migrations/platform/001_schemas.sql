-- What every service may know about the platform. Written by set-up only.
create table towpath.schemas (
  type text primary key,
  subject text not null,
  schema_id integer not null,
  topic_template text not null,
  contract jsonb not null
);
create table towpath.stores (schema text primary key, service text not null);
