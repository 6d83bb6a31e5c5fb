import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { budgetState } from './budget-state.js';
import { openBudgets, type Budgets, type BudgetReservation } from './budgets.js';
import { openInspector } from './inspect.js';
import { MemoryBudgets } from './memory-budgets.fixture.js';
import { createSpecDatabase, type SpecDatabase } from './spec-database.js';

let database: SpecDatabase;
let budgets: Budgets;

beforeAll(async () => {
  database = await createSpecDatabase();
  budgets = openBudgets({ url: database.urlOf(`${database.service}_service`), poolSize: 8 });
}, 60_000);
afterAll(async () => {
  await budgets?.close();
  await database?.drop();
});

const PLENTY = 1_000_000_000;

function reservation(changes: Partial<BudgetReservation> & { caps?: BudgetReservation['caps'] } = {}) {
  const caps = { runMicros: PLENTY, agentDayMicros: PLENTY, dayMicros: PLENTY };
  return {
    id: randomUUID(),
    agent: `agent-${randomUUID()}`,
    runId: randomUUID(),
    amountMicros: 10,
    caps,
    leaseMs: 60_000,
    ...changes,
  };
}

async function account(scope: string, key: string): Promise<{ spent: number; reserved: number } | undefined> {
  const [row] = await database.admin(
    `select spent_micros::int as spent, reserved_micros::int as reserved from budgets.accounts
     where scope = $1 and (key = $2 or key like '% ' || $2)`,
    [scope, key],
  );
  return row as { spent: number; reserved: number } | undefined;
}

describe('budgets', () => {
  it('never let 64 parallel runs of several processes go over a cap by one micro-unit', async () => {
    const agent = `agent-${randomUUID()}`;
    const cap = 10_007;
    const url = database.urlOf(`${database.service}_service`);
    const processes = [1, 2, 3, 4].map(() => spender({ url, agent, cap, runs: 16, callsPerRun: 20 }));
    // Watched meanwhile from outside: no moment may show more than the cap.
    let [highest, running] = [0, true];
    const watch = (async () => {
      while (running) {
        const seen = await account('agent', agent);
        highest = Math.max(highest, seen ? seen.spent + seen.reserved : 0);
      }
    })();
    const results = await Promise.all(processes.map(outcomeOf));
    running = false;
    await watch;
    const spent = results.reduce((sum, { spentMicros }) => sum + spentMicros, 0);
    expect(highest).toBeLessThanOrEqual(cap);
    expect(await account('agent', agent)).toEqual({ spent, reserved: 0 });
    // The cap was really in the way, and what fits was let through.
    expect(results.reduce((sum, { refused }) => sum + refused, 0)).toBeGreaterThan(0);
    expect(spent).toBeGreaterThan(cap * 0.9);
    expect(spent).toBeLessThanOrEqual(cap);
  }, 60_000);

  it('refuse by the innermost account that has no room, and then take nothing from any', async () => {
    const one = reservation({ amountMicros: 11, caps: { runMicros: 10, agentDayMicros: 10, dayMicros: PLENTY } });
    expect(await budgets.reserve(one)).toEqual({ scope: 'run', capMicros: 10, spentMicros: 0, reservedMicros: 0 });
    const two = { ...one, caps: { ...one.caps, runMicros: PLENTY } };
    expect(await budgets.reserve(two)).toMatchObject({ scope: 'agent' });
    expect(await budgets.reserve({ ...one, amountMicros: 10 })).toBeNull();
    expect(await account('run', one.runId)).toEqual({ spent: 0, reserved: 10 });
  });

  it('count the same reservation and the same settlement once', async () => {
    const one = reservation();
    await Promise.all([budgets.reserve(one), budgets.reserve(one), budgets.reserve(one)]);
    expect(await account('run', one.runId)).toEqual({ spent: 0, reserved: 10 });
    await Promise.all([budgets.settle(one.id, 4), budgets.settle(one.id, 4)]);
    expect(await account('run', one.runId)).toEqual({ spent: 4, reserved: 0 });
    expect(await account('agent', one.agent)).toEqual({ spent: 4, reserved: 0 });
  });

  it('count the worst case when nobody knows the cost, and nothing when it was not billed', async () => {
    const [unknown, free] = [reservation(), reservation()];
    await Promise.all([budgets.reserve(unknown), budgets.reserve(free)]);
    await Promise.all([budgets.settle(unknown.id, null), budgets.settle(free.id, 0)]);
    expect(await account('run', unknown.runId)).toEqual({ spent: 10, reserved: 0 });
    expect(await account('run', free.runId)).toEqual({ spent: 0, reserved: 0 });
  });

  it('count a call whose process died as spent when its lease ends, and put it right when it settles late', async () => {
    const dead = reservation({ leaseMs: 1 });
    await budgets.reserve(dead);
    const next = reservation({ agent: dead.agent, caps: { runMicros: PLENTY, agentDayMicros: 19, dayMicros: PLENTY } });
    await expect(budgets.reserve(next)).resolves.toMatchObject({ scope: 'agent', spentMicros: 10, reservedMicros: 0 });
    await budgets.settle(dead.id, 3);
    expect(await account('agent', dead.agent)).toEqual({ spent: 3, reserved: 0 });
    expect(await budgets.reserve(next)).toBeNull();
  });

  it('can be changed by their functions only, and read by the reader only', async () => {
    const role = `${database.service}_service`;
    for (const statement of [
      'update budgets.accounts set spent_micros = 0',
      'select * from budgets.accounts',
      'delete from budgets.reservations',
      'select budgets.lapse()',
      'select budgets.post(null::budgets.reservations, 0, -1)',
    ]) {
      await expect(database.as(role, statement)).rejects.toThrow('permission denied');
    }
    await expect(database.as('towpath_reader', 'select * from budgets.accounts')).resolves.toBeDefined();
    await expect(database.as('towpath_reader', 'delete from budgets.accounts')).rejects.toThrow('permission denied');
    await expect(budgets.reserve(reservation({ amountMicros: -1 }))).rejects.toThrow('BUDGET_BAD');
  });

  it('are shown: the day, its agents, and of its runs the latest', async () => {
    const one = reservation({ agent: 'an agent' });
    await budgets.reserve(one);
    const other = reservation({ agent: 'an agent', runId: randomUUID() });
    await budgets.reserve(other);
    await budgets.settle(one.id, 7);
    const inspector = openInspector({ url: database.urlAs('towpath_reader') });
    const day = new Date().toISOString().slice(0, 10);
    const shown = await budgetState(inspector, { day, runsMax: 1 }).finally(() => inspector.close());
    expect(shown[0]).toMatchObject({ scope: 'day', name: day });
    const agent = { scope: 'agent', name: 'an agent', spentMicros: 7, reservedMicros: 10, calls: 2, refusals: 0 };
    expect(shown).toContainEqual(expect.objectContaining(agent));
    expect(shown.filter(({ scope }) => scope === 'run').map(({ name }) => name)).toEqual([one.runId]);
  });

  it('do in any order of calls what plain arithmetic says', async () => {
    const step = fc.record({
      what: fc.constantFrom('reserve', 'reserve', 'settle', 'unknown', 'free'),
      run: fc.integer({ min: 0, max: 2 }),
      amount: fc.integer({ min: 0, max: 40 }),
      which: fc.nat({ max: 30 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const model = new MemoryBudgets();
        const agent = `agent-${randomUUID()}`;
        const runs = [randomUUID(), randomUUID(), randomUUID()];
        const ids: { id: string; amount: number }[] = [];
        for (const { what, run, amount, which } of steps) {
          if (what === 'reserve') {
            const caps = { runMicros: 60, agentDayMicros: 100, dayMicros: PLENTY };
            const one = reservation({ agent, runId: runs[run]!, amountMicros: amount, caps });
            ids.push({ id: one.id, amount });
            expect((await budgets.reserve(one))?.scope).toEqual((await model.reserve(one))?.scope);
          } else if (ids.length > 0) {
            const { id, amount: reserved } = ids[which % ids.length]!;
            const cost = { settle: Math.min(amount, reserved), unknown: null, free: 0 }[what];
            await Promise.all([budgets.settle(id, cost), model.settle(id, cost)]);
          }
          const { spent, reserved } = model.of(`agent ${agent}`);
          expect(spent + reserved).toBeLessThanOrEqual(100);
        }
        const { spent, reserved } = model.of(`agent ${agent}`);
        expect((await account('agent', agent)) ?? { spent: 0, reserved: 0 }).toEqual({ spent, reserved });
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});

interface Spending {
  readonly url: string;
  readonly agent: string;
  readonly cap: number;
  readonly runs: number;
  readonly callsPerRun: number;
}

function spender(spending: Spending): ChildProcess {
  return fork(join(import.meta.dirname, 'spender.fixture.mjs'), [JSON.stringify(spending)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

function outcomeOf(child: ChildProcess): Promise<{ spentMicros: number; refused: number }> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it told`)));
  });
}
