import type { Inspector } from './inspect.js';

/** An account as it stands: amounts are whole micro-units. */
export interface BudgetAccount {
  readonly scope: 'day' | 'agent' | 'run';
  /** the day, the agent or the run */
  readonly name: string;
  /** `YYYY-MM-DD`, UTC */
  readonly day: string;
  readonly capMicros: number;
  readonly spentMicros: number;
  /** by calls that are under way */
  readonly reservedMicros: number;
  /** calls that were let through, and those that were refused for want of room in this account */
  readonly calls: number;
  readonly refusals: number;
}

interface Row {
  readonly scope: BudgetAccount['scope'];
  readonly name: string;
  readonly day: string;
  readonly cap: string;
  readonly spent: string;
  readonly reserved: string;
  readonly calls: string;
  readonly refusals: string;
}

/**
 * The day's account, its agents' and the runs that moved last, in this order; nothing when no agent asked a model on that day.
 * Calls whose lease has ended still stand as reserved until the next one is reserved.
 */
export async function budgetState(
  inspector: Pick<Inspector, 'query'>,
  { day, runsMax }: { readonly day: string; readonly runsMax: number },
): Promise<BudgetAccount[]> {
  const rows = await inspector.query<Row>(
    `select scope, case scope when 'agent' then substr(key, 12) else key end as name, day::text as day, cap_micros as cap,
       spent_micros as spent, reserved_micros as reserved, calls, refusals
     from (select a.*, row_number() over (partition by scope order by changed_at desc, key) as place
           from budgets.accounts a where day = $1::date) latest
     where scope <> 'run' or place <= $2
     order by array_position(array['day', 'agent', 'run'], scope), spent_micros desc, name`,
    [day, runsMax],
  );
  return rows.map(({ scope, name, day: of, cap, spent, reserved, calls, refusals }) => ({
    ...{ scope, name, day: of, capMicros: Number(cap), spentMicros: Number(spent), reservedMicros: Number(reserved) },
    ...{ calls: Number(calls), refusals: Number(refusals) },
  }));
}
