import type { Budgets, BudgetReservation, BudgetShortage } from './budgets.js';

interface Account {
  spent: number;
  reserved: number;
}

interface Held {
  readonly amount: number;
  readonly accounts: readonly Account[];
}

/** The accounts of `Budgets` in memory, one day long and without leases: what the real ones are held against, and for specs without a database. */
export class MemoryBudgets implements Budgets {
  readonly accounts = new Map<string, Account>();
  private readonly held = new Map<string, Held>();
  /** reservations so far, refused ones included */
  asked = 0;

  async reserve({ id, agent, runId, amountMicros, caps }: BudgetReservation): Promise<BudgetShortage | null> {
    this.asked += 1;
    if (this.held.has(id)) return null;
    const wanted = [
      { scope: 'run', account: this.account(`run ${runId}`), capMicros: caps.runMicros },
      { scope: 'agent', account: this.account(`agent ${agent}`), capMicros: caps.agentDayMicros },
      { scope: 'day', account: this.account('day'), capMicros: caps.dayMicros },
    ] as const;
    const short = wanted.find(({ account, capMicros }) => account.spent + account.reserved + amountMicros > capMicros);
    if (short !== undefined) {
      const { spent: spentMicros, reserved: reservedMicros } = short.account;
      return { scope: short.scope, capMicros: short.capMicros, spentMicros, reservedMicros };
    }
    for (const { account } of wanted) account.reserved += amountMicros;
    this.held.set(id, { amount: amountMicros, accounts: wanted.map(({ account }) => account) });
    return null;
  }

  async settle(id: string, costMicros: number | null): Promise<void> {
    const held = this.held.get(id);
    if (held === undefined) return;
    this.held.delete(id);
    for (const account of held.accounts) {
      account.reserved -= held.amount;
      account.spent += costMicros ?? held.amount;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** spent and reserved of one account: `day`, `agent NAME`, `run ID` */
  of(name: string): Readonly<Account> {
    return { ...this.account(name) };
  }

  /** reservations that nobody settled */
  get open(): number {
    return this.held.size;
  }

  private account(name: string): Account {
    const known = this.accounts.get(name);
    if (known) return known;
    const made = { spent: 0, reserved: 0 };
    this.accounts.set(name, made);
    return made;
  }
}
