import { SagaContentKept } from '@towpath/contracts/sagas/SagaContentKept.v1';
import { SagaStarted } from '@towpath/contracts/sagas/SagaStarted.v1';
import { toJson } from '@towpath/contracts/codec';
import { waitsOf, type SagaDefinition } from './definition.js';
import { duesOf } from './dues.js';
import { goOn } from './go-on.js';
import { hearReply } from './hear-reply.js';
import type { Input, Message } from './message.js';
import { isOver, partOf, type SagaState } from './saga-state.js';
import { Turn, type Instance } from './turn.js';

/**
 * What a saga does about what it hears: pure, and complete. The state is the fold of its own events, so that deciding again gives the
 * same. Whatever is heard (late, twice, out of order, of a command that it never sent), nothing is asked twice under one id and nothing that was begun
 * is forgotten.
 */
export function decide(definition: SagaDefinition, instance: Instance, input: Input): readonly Message[] {
  const turn = new Turn(definition, instance);
  if (!hear(turn, input)) return turn.messages([]);
  if (input.kind !== 'look') turn.reopen();
  goOn(turn);
  return turn.messages(duesOf(definition, turn.state, () => turn.facts()));
}

/** False when nothing follows from it. */
function hear(turn: Turn, input: Input): boolean {
  switch (input.kind) {
    case 'start':
      return begin(turn, input);
    case 'reply':
      return hearReply(turn, input);
    case 'event':
      return input.part === null ? finish(turn, input) : hearEvent(turn, input.part, input);
    case 'person':
      return hearPerson(turn, input);
    case 'look':
      return !isOver(turn.state) && turn.state.status !== 'needs_human';
  }
}

function begin(turn: Turn, { sagaId, key, data, messageId }: Extract<Input, { kind: 'start' }>): boolean {
  const { definition, state, at } = turn;
  const { name, version, starts, deadlineMs } = definition;
  if (state.status !== 'none') {
    turn.note('repeated', { messageId, messageType: starts.type, commandId: null, step: null });
    return false;
  }
  const { payload, content, personId } = divided(definition, data);
  const deadlineAt = deadlineMs === null ? null : at + deadlineMs;
  const personal = content !== null;
  if (personal) turn.tell(SagaContentKept, { sagaId, personId, content });
  const about = { sagaId, definition: name, key, version, payload, personId: personal ? personId : '' };
  turn.tell(SagaStarted, { ...about, startedBy: starts.type, deadlineAt, startedAt: at });
  const origin: Partial<SagaState> = { sagaId, definition: name, key, version, payload, personal, deadlineAt };
  turn.begin({ ...state, ...origin, status: 'running', startedAt: at }, content);
  return true;
}

/** The event in two parts: what may be shown for ever, and what only its person's key opens. */
function divided({ starts }: SagaDefinition, data: unknown) {
  const fields = toJson(starts, data) as Record<string, unknown>;
  const personal = new Set(starts.pii.map(({ name }) => name));
  const subject = starts.pii[0]?.subject;
  const open = Object.entries(fields).filter(([name]) => !personal.has(name));
  const sealed = Object.entries(fields).filter(([name, value]) => personal.has(name) && value !== null);
  const nothing = Object.fromEntries([...personal].map((name) => [name, null]));
  return {
    payload: JSON.stringify({ ...nothing, ...Object.fromEntries(open) }),
    content: sealed.length === 0 ? null : JSON.stringify(Object.fromEntries(sealed)),
    personId: subject === undefined ? '' : String(fields[subject]),
  };
}

function finish(turn: Turn, { contract, messageId }: Extract<Input, { kind: 'event' }>): boolean {
  const { status, before } = turn.state;
  if (status === 'none') return false;
  if (isOver(turn.state) || before !== 'running') {
    turn.note('late', { messageId, messageType: contract.type, commandId: null, step: null });
    return false;
  }
  turn.turnTo('finishing', contract.name);
  return true;
}

/** It counts also when it comes before the saga gets there. */
function hearEvent(
  turn: Turn,
  name: string,
  { contract, data, messageId }: Extract<Input, { kind: 'event' }>,
): boolean {
  if (turn.state.status === 'none') return false;
  const { state } = partOf(turn.state, name).act;
  const waits = state === 'pending' || state === 'running';
  if (isOver(turn.state) || !waits || turn.state.before !== 'running') {
    const about = { messageId, messageType: contract.type, commandId: null, step: name };
    turn.note(state === 'completed' ? 'repeated' : 'late', about);
    return false;
  }
  const open = withoutPii(contract.pii, toJson(contract, data));
  turn.change({ step: name, side: 'act', state: 'completed', way: name, result: JSON.stringify(open) });
  return true;
}

function hearPerson(turn: Turn, { part, decision, actor, reason }: Extract<Input, { kind: 'person' }>): boolean {
  const isWait = waitsOf(turn.definition).some(({ name, person }) => name === part && person);
  if (!isWait || isOver(turn.state) || partOf(turn.state, part).act.state !== 'running') return false;
  const answer = { step: part, side: 'act', way: part, result: JSON.stringify({ decision, actor, reason }) } as const;
  if (decision === 'approve') turn.change({ ...answer, state: 'completed' });
  else turn.change({ ...answer, state: 'failed', code: 'REJECTED', detail: `${actor} rejected it` });
  return true;
}

function withoutPii(pii: readonly { readonly name: string }[], data: unknown): unknown {
  if (pii.length === 0) return data;
  return { ...(data as object), ...Object.fromEntries(pii.map(({ name }) => [name, null])) };
}
