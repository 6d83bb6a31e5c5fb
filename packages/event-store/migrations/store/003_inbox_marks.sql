-- Messages of topics that are kept for ever can come again after the inbox has forgotten them. Their place in their stream and type
-- is kept with their row, and the highest of each outlives it. By type, too: a handler added later has handled nothing yet.
alter table inbox add column mark text collate "C", add column sequence bigint, add check ((mark is null) = (sequence is null));
create table inbox_marks (
  consumer text collate "C" not null,
  mark text collate "C" not null,
  sequence bigint not null,
  primary key (consumer, mark)
) with (fillfactor = 80);
