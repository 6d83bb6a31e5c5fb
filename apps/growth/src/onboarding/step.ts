import type { Contract } from '@towpath/contracts/contract';
import { aggregate, type Aggregate } from '@towpath/event-store/fold';
import type { DecisionState, Reads } from '@towpath/service-kit/handles';
import type { Asked } from '../asked.js';
import { endOf, type EffectEnd, type Ended } from '../effect-end.js';

/** How far one reaction to a sign-up is. */
export interface StepState {
  readonly done: boolean;
  /** why it was not done, the last time that was heard; null while nothing is wrong */
  readonly code: string | null;
}

/** One thing that is asked of egress for a new customer, and the stream that says how it ended. */
export interface Step {
  readonly command: Contract;
  readonly asked: Aggregate<Asked>;
  readonly state: Aggregate<StepState>;
  /** in front of the customer's id in the command's key */
  readonly prefix: string;
  /** what the command was for, where one key has commands of several purposes */
  readonly what?: string;
}

/** The key of the step's command for a customer. */
export function keyOf({ prefix }: Step, customerId: string): string {
  return `${prefix}${customerId}`;
}

/** What a decision about asking reads. */
export function readsToAsk(step: Step, customerId: string): Reads {
  return { streams: [step.asked.of(keyOf(step, customerId))] };
}

/** Whether it was asked before: whoever signs up twice is one customer. */
export function wasAsked(step: Step, customerId: string, state: DecisionState): boolean {
  return commandsOf(step, keyOf(step, customerId), state).length > 0;
}

/** The customer whose step an effect ended; undefined when it is another's. */
export function customerOf({ command, prefix }: Step, { data }: EffectEnd): string | undefined {
  if (data.action !== command.type || !data.subjectId.startsWith(prefix)) return undefined;
  return data.subjectId.slice(prefix.length);
}

/** What a decision about an effect's end reads. */
export function readsToSettle(step: Step, message: EffectEnd): Reads {
  const customerId = customerOf(step, message);
  if (customerId === undefined) return {};
  return { streams: [step.asked.of(message.data.subjectId), step.state.of(customerId)] };
}

/** How the customer's step ended, when this is news. A step that is done stays so; one that failed may still be done. */
export function newsOf(
  step: Step,
  message: EffectEnd,
  state: DecisionState,
): { readonly customerId: string; readonly end: Ended } | undefined {
  const customerId = customerOf(step, message);
  if (customerId === undefined) return undefined;
  const commands = commandsOf(step, message.data.subjectId, state);
  const isOurs = step.what === undefined ? commands.length > 0 : commands.some(({ id }) => id === commandIdOf(message));
  const before = state.of(step.state, customerId);
  const end = endOf(message);
  if (!isOurs || before.done || (!end.done && before.code !== null)) return undefined;
  return { customerId, end };
}

/** The fold of a step's own stream: its one event says that it is done, the other that it is not. */
export function stepState(stream: string, done: Contract, failed: Contract): Aggregate<StepState> {
  return aggregate<StepState>({
    stream,
    initial: { done: false, code: null },
    evolve: (state, event) => {
      if (event.type === done.type) return { done: true, code: null };
      if (event.type !== failed.type) return state;
      return { ...state, code: String((event.data as { code?: unknown }).code) };
    },
  });
}

function commandsOf(step: Step, key: string, state: DecisionState): Asked['commands'] {
  const { commands } = state.of(step.asked, key);
  return step.what === undefined ? commands : commands.filter(({ what }) => what === step.what);
}

/** Whoever settles an unknown outcome causes its end, which then names the command. */
function commandIdOf({ data, causationId }: EffectEnd): string | null {
  return data.commandId ?? causationId;
}
