-- What agents may spend on models, over all services: run within agent within day. Amounts are whole micro-units. A run, an agent
-- on a day and a day each have an account; a call that is under way is a reservation of its worst case in all three.
create table budgets.accounts (
  scope text not null check (scope in ('run', 'agent', 'day')),
  -- the run's id; `<day> <agent>`; the day
  key text collate "C" not null,
  -- UTC, of the first reservation
  day date not null,
  -- as the last reservation gave it
  cap_micros bigint not null check (cap_micros >= 0),
  spent_micros bigint not null default 0 check (spent_micros >= 0),
  reserved_micros bigint not null default 0 check (reserved_micros >= 0),
  calls bigint not null default 0,
  refusals bigint not null default 0,
  changed_at timestamptz not null default clock_timestamp(),
  primary key (scope, key)
);
create index accounts_day on budgets.accounts (day, scope);

-- Calls under way, and those whose process died: `lapsed` ones are counted as spent, for nobody can say what the provider billed.
create table budgets.reservations (
  id uuid primary key,
  service text not null default session_user,
  agent text not null,
  run text collate "C" not null,
  day date not null,
  amount_micros bigint not null check (amount_micros >= 0),
  reserved_at timestamptz not null default clock_timestamp(),
  lease_until timestamptz not null,
  state text not null default 'open' check (state in ('open', 'lapsed'))
);
create index reservations_lease on budgets.reservations (lease_until) where state = 'open';
