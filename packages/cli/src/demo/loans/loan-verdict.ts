import type { DemoRow } from '../demo-verdict.js';
import type { LoanEnd, PlannedLoan } from './planned-loans.js';

/** What the stores say of one application. */
export interface SeenLoan {
  readonly analyses: readonly { readonly inputsHash: string; readonly decidedBy: string; readonly model: string }[];
  readonly approvals: readonly { readonly inputsHash: string | null; readonly actor: string | null }[];
  readonly refusals: readonly {
    readonly inputsHash: string | null;
    readonly reasons: readonly { readonly code: string }[];
  }[];
  readonly openReviews: number;
  /** when the first decision was made, ms since the epoch; null while there is none */
  readonly decidedAt: number | null;
}

export interface LoanRow {
  readonly planned: PlannedLoan;
  /** HTTP status of the delivery */
  readonly answer: number;
  /** when its last byte was sent, ms since the epoch */
  readonly sentAt: number;
  readonly seen: SeenLoan;
}

export interface LoanSummary {
  readonly approved: number;
  readonly declined: number;
  readonly decidedByPerson: number;
  /** analyses of which each decision names its own */
  readonly analyzed: number;
}

/** What was not as it must be: each application analysed once, decided once, on that analysis, the way it has to end. */
export function loanProblems(rows: readonly LoanRow[]): string[] {
  return rows.flatMap(({ planned: { name, end }, answer, seen }) => {
    const { analyses, approvals, refusals } = seen;
    if (answer !== 202) return [`${name}: answered ${answer}`];
    if (analyses.length !== 1) return [`${name}: ${analyses.length} analyses`];
    if (approvals.length + refusals.length !== 1) return [`${name}: ${approvals.length + refusals.length} decisions`];
    const found = endOf(seen);
    if (found !== end) return [`${name}: ${found}, not ${end}`];
    const basis = [...approvals, ...refusals][0]!.inputsHash;
    if (basis !== analyses[0]!.inputsHash) return [`${name}: decided on another analysis than its own`];
    if (refusals.some(({ reasons }) => reasons.length === 0)) return [`${name}: declined without a reason`];
    return seen.openReviews === 0 ? [] : [`${name}: ${seen.openReviews} reviews still open`];
  });
}

export function loanSummary(rows: readonly LoanRow[]): LoanSummary {
  const seen = rows.map((row) => row.seen);
  const approvals = seen.flatMap((one) => one.approvals);
  return {
    approved: approvals.length,
    declined: seen.flatMap((one) => one.refusals).length,
    decidedByPerson: approvals.filter(({ actor }) => actor !== null).length,
    analyzed: seen.flatMap((one) => one.analyses).length,
  };
}

export function loanRow({ planned, answer, sentAt, seen }: LoanRow): DemoRow {
  const [refusal] = seen.refusals;
  const ms = seen.decidedAt === null ? null : Math.max(0, Math.round(seen.decidedAt - sentAt));
  return { delivery: planned.name, answer, decision: endOf(seen), effect: refusal?.reasons[0]?.code ?? '-', ms };
}

function endOf({ approvals: [approval], refusals: [refusal] }: SeenLoan): LoanEnd | '-' {
  if (approval) return approval.actor === null ? 'approved' : 'approved by a person';
  return refusal ? 'declined' : '-';
}
