-- Dead letters are few among many events and are listed by people.
create index events_dead_letters on events (position) where type = 'platform.v1.DeadLettered';
