import type { Policy } from '../agent.js';
import type { Run } from '../run.js';
import { jsonOf } from '../canonical-hash.js';
import { Turns } from './turns.js';

/** Something to be found out or done. */
export interface Task {
  /** unique among the tasks of a plan */
  readonly id: string;
  /** who does it */
  readonly worker: string;
  readonly args: unknown;
}

/** What a worker comes to. */
export interface Progress {
  /** false leaves the task open */
  readonly finished: boolean;
  /** what is known now, by name; only what is new or changed is progress */
  readonly facts: Readonly<Record<string, unknown>>;
  /** for the planner and people: why it is not finished */
  readonly note?: string;
}

/** What is planned, done and known. */
export interface Ledger<In> {
  readonly input: In;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly open: readonly Task[];
  readonly done: readonly Task[];
  readonly notes: readonly string[];
  /** how often the plan was thrown away */
  readonly resets: number;
}

interface Planner<In, Out> {
  /** the tasks, from what is known; asked at the start and once more when the first plan stalls */
  plan(ledger: Ledger<In>, run: Run): Promise<readonly Task[]> | readonly Task[];
  readonly workers: Readonly<
    Record<string, (task: Task, ledger: Ledger<In>, run: Run) => Promise<Progress> | Progress>
  >;
  /** the decision, as soon as what is known is enough */
  result(ledger: Ledger<In>): Out | undefined;
}

const STALLED_ROUNDS_MAX = 2;
const RESETS_MAX = 1;

/**
 * A ledger of tasks that workers finish one by one, after Magentic-One (Fourney et al. 2024). Its risk is a plan that leads nowhere:
 * two rounds without progress throw it away once, keeping what is known; two more, and a person has to decide. Progress is a
 * finished task or a new fact.
 */
export function planner<In, Out>(pattern: Planner<In, Out>): Policy<In, Out> {
  return async (input, run) => {
    const turns = new Turns(run);
    let ledger: Ledger<In> = { input, facts: {}, open: [], done: [], notes: [], resets: 0 };
    const plan = async () => {
      const act = (given: Ledger<In>, own: Run) => pattern.plan(given, own);
      return turns.take({ name: 'planner', act }, ledger);
    };
    ledger = { ...ledger, open: await plan() };
    for (let stalled = 0; ;) {
      const result = pattern.result(ledger);
      const hopeless = result === undefined && stalled >= STALLED_ROUNDS_MAX && ledger.resets >= RESETS_MAX;
      // A worker that finds the same nothing twice is a round without progress, which is counted here.
      turns.ended({ done: result !== undefined, refused: hopeless ? STALLED : undefined }, 'goes_on');
      if (result !== undefined) return result;
      if (stalled >= STALLED_ROUNDS_MAX) {
        run.because('PLAN_RESET');
        ledger = { ...ledger, open: [], resets: ledger.resets + 1 };
        ledger = { ...ledger, open: await plan() };
        stalled = 0;
      }
      const before = ledger;
      ledger = await round(pattern, ledger, turns);
      stalled = progressed(before, ledger) ? 0 : stalled + 1;
    }
  };
}

const STALLED = { code: 'PLAN_STALLED', reason: 'two rounds without progress, after the plan had been made anew' };

/** The first open task; one that stays open goes to the end. */
async function round<In>(
  { workers }: Pick<Planner<In, unknown>, 'workers'>,
  ledger: Ledger<In>,
  turns: Turns,
): Promise<Ledger<In>> {
  const [task, ...rest] = ledger.open;
  if (!task) return { ...ledger, notes: [...ledger.notes, 'no task is open'] };
  const worker = Object.hasOwn(workers, task.worker) ? workers[task.worker] : undefined;
  if (!worker) throw turns.needsHuman('WORKER_UNKNOWN', `there is no worker ${task.worker}`);
  const member = { name: task.worker, act: (given: Ledger<In>, own: Run) => worker(task, given, own) };
  const { finished, facts, note } = await turns.take(member, ledger);
  return {
    ...ledger,
    facts: { ...ledger.facts, ...facts },
    open: finished ? rest : [...rest, task],
    done: finished ? [...ledger.done, task] : ledger.done,
    notes: note === undefined ? ledger.notes : [...ledger.notes, note],
  };
}

function progressed(before: Ledger<unknown>, after: Ledger<unknown>): boolean {
  return after.done.length > before.done.length || jsonOf(after.facts) !== jsonOf(before.facts);
}
