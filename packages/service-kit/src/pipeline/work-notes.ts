import { AsyncLocalStorage } from 'node:async_hooks';
import { joinTaint, type Taint } from '@towpath/contracts/taint';
import type { ActingAgent } from '../message.js';

/** What became known while the work of a queued handler ran, and holds for everything that is decided after it. */
export interface WorkNotes {
  /** the agents that ran, so that no handler can leave out that one did */
  readonly agents: readonly ActingAgent[];
  /** the most restrictive label of what was read; undefined when nothing with a label was */
  readonly taint?: Taint;
}

interface Open {
  readonly agents: Set<ActingAgent>;
  taint: Taint | undefined;
}

const current = new AsyncLocalStorage<Open>();

/** Runs work; answers what it gave, and what was noted meanwhile. */
export async function noting<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly notes: WorkNotes }> {
  const open: Open = { agents: new Set(), taint: undefined };
  const result = await current.run(open, work);
  const { agents, taint } = open;
  return { result, notes: { agents: [...agents], ...(taint !== undefined && { taint }) } };
}

/** Notes, for the work under way, that an agent has a hand in it. Outside of any work it does nothing. */
export function noteAgent(agent: ActingAgent): void {
  current.getStore()?.agents.add(agent);
}

/** Notes, for the work under way, that something with this label was read. */
export function noteTaint(taint: Taint): void {
  const open = current.getStore();
  if (open) open.taint = open.taint === undefined ? taint : joinTaint(open.taint, taint);
}
