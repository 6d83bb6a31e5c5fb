-- What was published, told apart from what the store holds: after a restore the topics are ahead of it.
alter table cdc.parked add column digest bytea, add column hash bytea;
alter table cdc.progress
  -- by topic and partition, the offset before which every record is of an event that this database held at the time
  add column published jsonb,
  add column published_at timestamptz,
  -- the database that wrote `published`: while it is the same, nothing was restored in between
  add column incarnation text,
  -- events that the topics hold and the store does not; the relay publishes nothing until it is null
  add column behind jsonb;
