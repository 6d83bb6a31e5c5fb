import pg from 'pg';
import { storeErrorOf } from './sql-errors.js';

/** A run, an agent on a day, or a day: whose account has no room. */
export interface BudgetShortage {
  readonly scope: 'run' | 'agent' | 'day';
  readonly capMicros: number;
  readonly spentMicros: number;
  /** by calls that are under way */
  readonly reservedMicros: number;
}

/** One call that is about to be paid for. Amounts are whole micro-units. */
export interface BudgetReservation {
  /** UUID; the same id twice is one reservation */
  readonly id: string;
  readonly agent: string;
  readonly runId: string;
  /** its worst case */
  readonly amountMicros: number;
  readonly caps: { readonly runMicros: number; readonly agentDayMicros: number; readonly dayMicros: number };
  /** after that a call that was not settled counts as spent: its process died, and it may have been billed */
  readonly leaseMs: number;
}

/** What agents may spend, over all services and processes; the schema `budgets`. Throws `STORE_UNAVAILABLE`. */
export interface Budgets {
  /** Null when granted; else the innermost account that has no room, and then nothing is reserved. */
  reserve(reservation: BudgetReservation): Promise<BudgetShortage | null>;
  /** Ends a reservation with what the call cost: 0 = it was not billed, null = nobody can say, so the worst case. Safe to repeat. */
  settle(id: string, costMicros: number | null): Promise<void>;
  close(): Promise<void>;
}

const callMsMax = 3_000;
/** A service whose agents ask no model keeps no connection for it. */
const idleMsMax = 10_000;

interface ShortageRow {
  readonly scope: BudgetShortage['scope'];
  readonly cap_micros: string;
  readonly spent_micros: string;
  readonly reserved_micros: string;
}

/** Opens the accounts; connects when first used. `url` is a service role's. */
export function openBudgets(options: { readonly url: string; readonly poolSize?: number }): Budgets {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 2,
    connectionTimeoutMillis: callMsMax,
    query_timeout: callMsMax,
    idleTimeoutMillis: idleMsMax,
    application_name: 'budgets',
  });
  // Idle connections that break are replaced by the pool; the next call tells.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const ask = async <Row extends pg.QueryResultRow>(name: string, text: string, values: readonly unknown[]) => {
    try {
      return (await pool.query<Row>({ name, text, values: [...values] })).rows;
    } catch (error) {
      throw storeErrorOf(error);
    }
  };
  return {
    async reserve({ id, agent, runId, amountMicros, caps, leaseMs }) {
      const [short] = await ask<ShortageRow>(
        'budgets_reserve',
        'select scope, cap_micros, spent_micros, reserved_micros from budgets.reserve($1, $2, $3, $4, $5, $6, $7, $8)',
        [id, agent, runId, amountMicros, caps.runMicros, caps.agentDayMicros, caps.dayMicros, leaseMs],
      );
      if (short === undefined) return null;
      return {
        scope: short.scope,
        capMicros: Number(short.cap_micros),
        spentMicros: Number(short.spent_micros),
        reservedMicros: Number(short.reserved_micros),
      };
    },
    async settle(id, costMicros) {
      await ask('budgets_settle', 'select budgets.settle($1, $2)', [id, costMicros]);
    },
    close: () => pool.end(),
  };
}
