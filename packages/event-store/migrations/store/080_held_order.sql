-- What one group wrote is due at the same instant: the sequence tells which is older.
drop index held_due_inline;
drop index held_due_queued;
create index held_due_inline on held (next_at, seq) where lane = 'inline' and head and stopped_by is null;
create index held_due_queued on held (type, next_at, seq) where lane = 'queued' and head and stopped_by is null;
