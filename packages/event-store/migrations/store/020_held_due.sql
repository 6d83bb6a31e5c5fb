-- What is due is found in the order of its time, whatever waits for later: retries over all types, work by type.
drop index held_due;
create index held_due_inline on held (next_at) where lane = 'inline' and head and stopped_by is null;
create index held_due_queued on held (type, next_at) where lane = 'queued' and head and stopped_by is null;
