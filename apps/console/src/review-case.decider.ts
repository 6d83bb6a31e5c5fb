import type { ReviewCase } from './case-state.js';

/** Who asks: by their token. */
export interface Person {
  readonly name: string;
  readonly role: string;
  readonly tokenId: string;
}

/** What a person wants to do. */
export type Wish =
  | { readonly kind: 'assign'; readonly assignee: string }
  | { readonly kind: 'claim' | 'release' }
  | { readonly kind: 'reveal' }
  | {
      readonly kind: 'decide';
      readonly decision: string;
      /** SHA-256 of the edited text, when there is one */
      readonly editedHash: string | null;
      readonly actionHash: string | null;
    }
  | { readonly kind: 'undo'; readonly decisionId: string };

/** Why not: a stable code, and what to do instead. */
export interface Refused {
  readonly code:
    | 'CASE_UNKNOWN'
    | 'CASE_CLOSED'
    | 'CASE_CHANGED'
    | 'CASE_STALE'
    | 'CLAIMED'
    | 'NOT_CLAIMED'
    | 'ASSIGNED'
    | 'ESCALATED'
    | 'ROLE_NOT_ALLOWED'
    | 'DECISION_PENDING'
    | 'DECISION_UNKNOWN'
    | 'CHOICE_UNKNOWN'
    | 'UNDO_TOO_LATE'
    | 'NOT_YOURS'
    | 'FOUR_EYES';
  readonly detail: string;
}

const RANKS = ['viewer', 'reviewer', 'supervisor', 'admin'];

/** Whether a role is at least another. */
export function isAtLeast(role: string, least: string): boolean {
  return RANKS.indexOf(role) >= RANKS.indexOf(least);
}

/**
 * Whether the person may do it to the case as it is; null when so. Pure.
 * @param expected the version that the person saw; null = whatever it is
 * @param now milliseconds since the epoch
 */
export function refusalOf(
  wish: Wish,
  person: Person,
  state: ReviewCase,
  { expected, now }: { readonly expected: number | null; readonly now: number },
): Refused | null {
  if (state.status === 'none') return no('CASE_UNKNOWN', 'there is no such case');
  if (expected !== null && expected !== state.version) {
    return no('CASE_CHANGED', `it changed since you read it: it is at "${state.version}" now; read it again`);
  }
  if (wish.kind === 'reveal') return null;
  if (wish.kind === 'undo') return refusalOfUndo(wish.decisionId, person, state, now);
  return refusalOfWork(wish, person, state);
}

/** What can be done only while somebody still has to decide. */
function refusalOfWork(
  wish: Exclude<Wish, { kind: 'reveal' | 'undo' }>,
  person: Person,
  state: ReviewCase,
): Refused | null {
  if (state.status === 'closed') return no('CASE_CLOSED', `it ended: ${state.outcome}`);
  if (state.pending) return no('DECISION_PENDING', `${state.pending.actor} decided; undo that first, while it is held`);
  switch (wish.kind) {
    case 'assign':
      return null;
    case 'claim':
      return refusalOfClaim(person, state);
    case 'release':
      return refusalOfRelease(person, state);
    case 'decide':
      return refusalOfDecision(wish, person, state);
  }
}

function refusalOfRelease(person: Person, { claimedBy }: ReviewCase): Refused | null {
  if (claimedBy === null) return no('NOT_CLAIMED', 'nobody has claimed it');
  const may = claimedBy === person.name || isAtLeast(person.role, 'supervisor');
  return may ? null : no('NOT_YOURS', `${claimedBy} works on it; a supervisor can release it`);
}

function refusalOfClaim(person: Person, state: ReviewCase): Refused | null {
  const { claimedBy, assignee } = state;
  if (claimedBy !== null && claimedBy !== person.name) return no('CLAIMED', `${claimedBy} works on it`);
  if (assignee !== null && assignee !== person.name && !isAtLeast(person.role, 'supervisor')) {
    return no('ASSIGNED', `it is assigned to ${assignee}`);
  }
  return refusalOfRole(person, state) ?? refusalOfSecond(person, state);
}

function refusalOfRole({ role }: Person, { asked, leastRole }: ReviewCase): Refused | null {
  const roles = asked?.roles ?? [];
  if (roles.length > 0 && !roles.includes(role)) return no('ROLE_NOT_ALLOWED', `it takes ${roles.join(' or ')}`);
  if (leastRole !== null && !isAtLeast(role, leastRole)) {
    return no('ESCALATED', `it was escalated and takes ${leastRole} or above`);
  }
  return null;
}

/** Who agreed already can't be the second person. */
function refusalOfSecond({ name }: Person, { asked, endorsements }: ReviewCase): Refused | null {
  const agreed = (asked?.people ?? 1) > 1 && endorsements.some(({ actor }) => actor === name);
  return agreed ? no('FOUR_EYES', 'you agreed already; it takes another person') : null;
}

function refusalOfDecision(wish: Extract<Wish, { kind: 'decide' }>, person: Person, state: ReviewCase): Refused | null {
  if (state.claimedBy !== person.name)
    return no('NOT_CLAIMED', 'claim it first, so that nobody else decides meanwhile');
  const asked = state.asked!;
  if (!asked.choices.includes(wish.decision)) {
    return no('CHOICE_UNKNOWN', `it can be decided by ${asked.choices.join(', ')}`);
  }
  if (wish.actionHash !== asked.actionHash) {
    return no('CASE_STALE', 'what is asked is not what you name; read it again and decide about that');
  }
  return refusalOfRole(person, state) ?? (wish.decision === 'reject' ? null : refusalOfSecond(person, state));
}

function refusalOfUndo(decisionId: string, person: Person, { pending }: ReviewCase, now: number): Refused | null {
  if (pending?.decisionId !== decisionId) return no('DECISION_UNKNOWN', 'no such decision is on its way');
  if (pending.phase !== 'held' || now >= pending.heldUntil) return no('UNDO_TOO_LATE', 'it has left already');
  const may = pending.actor === person.name || isAtLeast(person.role, 'supervisor');
  return may ? null : no('NOT_YOURS', `${pending.actor} decided it; they or a supervisor can undo it`);
}

function no(code: Refused['code'], detail: string): Refused {
  return { code, detail };
}
