-- Postgres reads a table's checks anew for each insert, which cost a seventh of an append. What this one said is held where it can be
-- broken: the functions that append ask for content, and the trigger lets pass exactly the update that makes a stub (R_archive).
alter table events drop constraint events_stub;
