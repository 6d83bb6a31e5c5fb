-- Who waits is a consumer: each reaction of a service is one of its own, and a key that one holds goes on for the others.
alter table held add column consumer text collate "C";
update held set consumer = '{{name}}';
alter table held alter column consumer set not null;
drop index held_head;
drop index held_order;
drop index held_due_inline;
drop index held_due_queued;
create unique index held_head on held (consumer, lane, order_key) where head;
create index held_order on held (consumer, lane, order_key, seq);
create index held_due_inline on held (consumer, next_at, seq) where lane = 'inline' and head and stopped_by is null;
create index held_due_queued on held (consumer, type, next_at, seq) where lane = 'queued' and head and stopped_by is null;
