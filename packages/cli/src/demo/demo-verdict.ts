import type { Expected, PlannedDelivery } from './planned-deliveries.js';

export type Decision = 'approved' | 'held' | 'blocked';

/** One delivery as it went. */
export interface SentDelivery {
  readonly planned: PlannedDelivery;
  readonly status: number;
  /** when the last byte of the body was sent, ms since the epoch */
  readonly sentAt: number;
}

export interface SeenDecision {
  readonly paymentId: string;
  readonly accountId: string;
  readonly decision: Decision;
  readonly at: number;
}

/** A call that acted, from the sandbox's own log. */
export interface SeenEffect {
  readonly action: string;
  readonly subject: string;
  readonly at: number;
}

export interface SeenFreeze {
  readonly accountId: string;
  readonly at: number;
  readonly canceledPayments: readonly string[];
}

/** Everything that was seen from outside. */
export interface Evidence {
  readonly sent: readonly SentDelivery[];
  readonly decisions: readonly SeenDecision[];
  readonly effects: readonly SeenEffect[];
  readonly freezes: readonly SeenFreeze[];
  /** subjects of open reviews */
  readonly openReviews: readonly string[];
  /** repeats that triage recognised */
  readonly repeats: number;
  readonly deadLetters: number;
}

export interface DemoRow {
  readonly delivery: string;
  readonly answer: number;
  readonly decision: string;
  readonly effect: string;
  /** from the last byte to the effect, or to the decision where no money moves */
  readonly ms: number | null;
}

export interface DemoVerdict {
  readonly rows: readonly DemoRow[];
  /** what was not as it must be; empty when all is well */
  readonly problems: readonly string[];
  readonly summary: object;
}

const MONEY_ACTIONS = ['capture', 'cancel', 'refund'];

/** Holds what was seen against what must be: one decision per payment, and the right effect of each exactly once. */
export function verdictOf(evidence: Evidence): DemoVerdict {
  const problems = [...answerProblems(evidence), ...paymentProblems(evidence), ...freezeProblems(evidence)];
  if (evidence.deadLetters > 0) problems.push(`${evidence.deadLetters} dead letters`);
  const rows = evidence.sent.map((sent) => rowOf(sent, evidence));
  const latencies = rows.flatMap(({ ms }) => ms ?? []).sort((a, b) => a - b);
  // Orders charge payments of their own, which are decided, too.
  const own = acceptedPayments(evidence);
  const count = (decision: Decision): number =>
    evidence.decisions.filter((one) => one.decision === decision && own.includes(one.paymentId)).length;
  const summary = {
    accepted: answered(evidence, 'accepted'),
    duplicates: evidence.repeats,
    rejected: answered(evidence, 'rejected'),
    decisions: { approved: count('approved'), held: count('held'), blocked: count('blocked') },
    frozen: evidence.freezes.length,
    effects: moneyEffects(evidence).filter(({ subject }) => own.includes(subject)).length,
    deadLetters: evidence.deadLetters,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
  return { rows, problems, summary };
}

/** True once nothing more is to come; until then the demo waits. */
export function isComplete(evidence: Evidence): boolean {
  return paymentProblems(evidence).length === 0 && evidence.repeats > 0;
}

function answerProblems({ sent, repeats }: Evidence): string[] {
  const problems = sent.flatMap(({ planned, status }) => {
    const right = planned.expected === 'rejected' ? status >= 400 && status < 500 : status === 202;
    return right ? [] : [`${planned.name}: answered ${status}`];
  });
  const duplicates = sent.filter(({ planned }) => planned.expected === 'duplicate').length;
  if (repeats !== duplicates) problems.push(`${repeats} repeats recognised, ${duplicates} sent`);
  return problems;
}

function paymentProblems(evidence: Evidence): string[] {
  return acceptedPayments(evidence).flatMap((paymentId) => {
    const decisions = evidence.decisions.filter((one) => one.paymentId === paymentId);
    const [only] = decisions;
    if (!only || decisions.length > 1) return [`${paymentId}: ${decisions.length} decisions`];
    const actions = moneyEffects(evidence)
      .filter(({ subject }) => subject === paymentId)
      .map(({ action }) => action);
    const frozen = evidence.freezes.some(({ canceledPayments }) => canceledPayments.includes(paymentId));
    const wanted = wantedActions(only.decision, frozen);
    const effect = actions.length === 0 ? 'none' : actions.join('+');
    const problems = wanted.includes(effect)
      ? []
      : [`${paymentId}: ${only.decision}, effect ${effect}, not ${wanted.join(' or ')}`];
    const reviews = evidence.openReviews.filter((subject) => subject === paymentId).length;
    const reviewsWanted = only.decision === 'held' && !frozen ? 1 : 0;
    if (reviews !== reviewsWanted) problems.push(`${paymentId}: ${reviews} open reviews, not ${reviewsWanted}`);
    return problems;
  });
}

/** A freeze cancels what is open; of an approved payment whose capture was already fired the capture stands. */
function wantedActions(decision: Decision, frozen: boolean): string[] {
  if (decision === 'blocked') return ['cancel', 'refund'];
  if (decision === 'held') return [frozen ? 'cancel' : 'none'];
  return frozen ? ['cancel', 'capture'] : ['capture'];
}

function freezeProblems(evidence: Evidence): string[] {
  const { freezes, decisions } = evidence;
  if (freezes.length !== 1) return [`${freezes.length} accounts frozen, not 1`];
  return freezes.flatMap(({ accountId, at }) => {
    const payments = decisions.filter((one) => one.accountId === accountId).map(({ paymentId }) => paymentId);
    const late = evidence.effects.filter(
      (one) => one.action === 'capture' && payments.includes(one.subject) && one.at > at,
    );
    return late.map(({ subject }) => `${subject}: captured after ${accountId} was frozen`);
  });
}

function rowOf({ planned, status, sentAt }: SentDelivery, evidence: Evidence): DemoRow {
  const row = { delivery: planned.name, answer: status };
  if (planned.expected === 'duplicate') return { ...row, decision: 'repeat', effect: '-', ms: null };
  const decision = evidence.decisions.find(({ paymentId }) => paymentId === planned.paymentId);
  if (!decision) return { ...row, decision: '-', effect: '-', ms: null };
  const effect = moneyEffects(evidence).find(({ subject }) => subject === planned.paymentId);
  const ms = Math.max(0, Math.round((effect ?? decision).at - sentAt));
  const withoutMoney = decision.decision === 'held' ? 'review' : '-';
  return { ...row, decision: decision.decision, effect: effect?.action ?? withoutMoney, ms };
}

function moneyEffects({ effects }: Evidence): SeenEffect[] {
  return effects.filter(({ action }) => MONEY_ACTIONS.includes(action));
}

function acceptedPayments({ sent }: Evidence): string[] {
  return sent.flatMap(({ planned }) =>
    planned.expected === 'accepted' && planned.paymentId ? [planned.paymentId] : [],
  );
}

function answered({ sent }: Evidence, expected: Expected): number {
  return sent.filter(
    ({ planned, status }) => planned.expected === expected && (expected === 'rejected') === status >= 400,
  ).length;
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
