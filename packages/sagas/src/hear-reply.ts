import { toJson } from '@towpath/contracts/codec';
import type { Contract } from '@towpath/contracts/contract';
import { partsOf, type StepDefinition, type WayDefinition } from './definition.js';
import type { Input } from './message.js';
import { failed, outcomeUnknown, refused } from './outcomes.js';
import { isOver, partOf, type SideState } from './saga-state.js';
import type { Turn } from './turn.js';

type Reply = Extract<Input, { kind: 'reply' }>;
type Says = 'done' | 'failed' | 'unknown';

/** An answer to a command of the saga's, or to a probe of one. False when nothing follows from it. */
export function hearReply(turn: Turn, reply: Reply): boolean {
  const { ref } = reply;
  const step = partsOf(turn.definition)[ref.part];
  const way = step?.kind === 'step' ? step.ways[ref.way] : undefined;
  if (step?.kind !== 'step' || !way) return false;
  const says = saidBy(reply.contract, way, ref.side);
  if (!says) return false;
  return ref.side === 'act'
    ? hearOfAct(turn, { step, way, says, reply })
    : hearOfUndo(turn, { step, way, says, reply });
}

interface Heard {
  readonly step: StepDefinition;
  readonly way: WayDefinition;
  readonly says: Says;
  readonly reply: Reply;
}

/** What a contract says about a side; undefined when it is no answer to it. */
export function saidBy(contract: Contract, way: WayDefinition, side: 'act' | 'undo'): Says | undefined {
  const [done, not] = side === 'act' ? [way.done, way.failed] : [way.undone, way.undoFailed];
  if (done.includes(contract)) return 'done';
  if (not.includes(contract)) return 'failed';
  return way.unknown.includes(contract) ? 'unknown' : undefined;
}

function hearOfAct(turn: Turn, heard: Heard): boolean {
  const { step, way, says, reply } = heard;
  const { act, undo } = partOf(turn.state, step.name);
  const isOpen = act.state === 'running' || act.state === 'probing' || act.state === 'unknown';
  // What was asked for again is asked for under the same business key: any attempt's answer is the step's.
  const isAsked = act.way === way.name && (isOpen || (act.state === 'retrying' && act.code === TIMED_OUT));
  if (!isAsked || undo.state !== 'pending' || isOver(turn.state)) return pastAct(turn, heard, act);
  if (says === 'done') {
    const { contract } = reply;
    const result = JSON.stringify(withoutPii(contract, toJson(contract, reply.data)));
    turn.change({ step: step.name, side: 'act', state: 'completed', result });
    return true;
  }
  if (!isLast(act, reply)) return noted(turn, heard, 'late');
  const why = whyOf(reply);
  if (says === 'failed') refused(turn, { step, way, side: 'act' }, why);
  else hearUnknown(turn, { step, way, side: 'act' }, act, heard);
  return true;
}

const TIMED_OUT = 'TIMED_OUT';

function hearOfUndo(turn: Turn, heard: Heard): boolean {
  const { step, way, says, reply } = heard;
  const { undo } = partOf(turn.state, step.name);
  if (undo.state === 'pending' || undo.state === 'skipped') return noted(turn, heard, 'late');
  if (undo.state === 'completed') return noted(turn, heard, says === 'done' ? 'repeated' : 'late');
  if (says === 'done') {
    turn.change({ step: step.name, side: 'undo', state: 'completed' });
    return true;
  }
  const isOpen = undo.state === 'running' || undo.state === 'probing' || undo.state === 'unknown';
  if (!isOpen || !isLast(undo, reply)) return noted(turn, heard, 'late');
  if (says === 'failed') refused(turn, { step, way, side: 'undo' }, whyOf(reply));
  else hearUnknown(turn, { step, way, side: 'undo' }, undo, heard);
  return true;
}

/** Nobody knows: it is probed, once; when the probe says so, too, a person has to find out. */
function hearUnknown(turn: Turn, about: Parameters<typeof outcomeUnknown>[1], side: SideState, { reply }: Heard): void {
  const why = whyOf(reply);
  if (side.state === 'running') outcomeUnknown(turn, about, why);
  else if (side.state === 'probing' && reply.ref.probe) failed(turn, about, 'unknown', why);
}

/** The answer to the command that was sent last, or to a probe of it. */
function isLast(side: SideState, { ref, commandId }: Reply): boolean {
  return ref.probe ? side.probesOfCommand > 0 : commandId === side.commandId;
}

/** The step is over, was skipped, or is being undone: an answer changes nothing, but a contradiction a person has to see. */
function pastAct(turn: Turn, heard: Heard, act: SideState): boolean {
  const { says, way } = heard;
  const { undo } = partOf(turn.state, heard.step.name);
  if (says !== 'done') return noted(turn, heard, act.state === 'failed' ? 'repeated' : 'late');
  if (act.state === 'completed' && act.way === way.name) return noted(turn, heard, 'repeated');
  // The undo fences it, or a person took it as done.
  if (undo.state !== 'pending' || act.state === 'skipped' || act.state === 'pending') return noted(turn, heard, 'late');
  noted(turn, heard, 'contradicting');
  if (!isOver(turn.state)) return false;
  const reason = `${heard.step.name} was said to be done after it had been said that it was not`;
  turn.ends('needs_human', { code: 'CONTRADICTION', reason, failedStep: heard.step.name });
  return false;
}

function noted(turn: Turn, { step, reply }: Heard, verdict: Parameters<Turn['note']>[0]): boolean {
  const { messageId, contract, commandId } = reply;
  turn.note(verdict, { messageId, messageType: contract.type, commandId, step: step.name });
  return false;
}

/** Why, from what refusals of this system say: `code`, and `detail` or `reason`, unless they are personal. */
function whyOf({ contract, data }: Reply): { code: string; detail: string | null } {
  const open = withoutPii(contract, data) as Record<string, unknown>;
  const text = (name: string): string | null => (typeof open[name] === 'string' ? open[name] : null);
  return { code: text('code') ?? contract.name, detail: text('detail') ?? text('reason') };
}

function withoutPii({ pii }: Contract, data: unknown): unknown {
  if (pii.length === 0) return data;
  return { ...(data as object), ...Object.fromEntries(pii.map(({ name }) => [name, null])) };
}
