import type { DemoRow } from '../demo-verdict.js';
import type { PlannedTicket } from './planned-tickets.js';

/** What became of a ticket, as the stores, the sandbox and the traces tell. */
export interface SeenTicket {
  readonly ticketId: string;
  readonly drafts: number;
  /** every specialist that had it, the last one last */
  readonly specialists: readonly string[];
  readonly escalated: boolean;
  readonly taken: boolean;
  /** subjects of open reviews that are about it */
  readonly openReviews: number;
  /** replies that support gave to egress, and how many of those a person approved */
  readonly released: number;
  readonly approved: number;
  /** replies that their provider confirmed */
  readonly confirmed: number;
  /** whether everything that was decided leads back to a delivery, cause by cause */
  readonly traced: boolean;
}

/** A planned ticket with what was seen of it. */
export interface TicketRow {
  readonly planned: PlannedTicket;
  /** what ingress answered to each delivery */
  readonly answers: readonly number[];
  readonly seen?: SeenTicket;
  /** texts of the replies in the sandbox's own log */
  readonly replies: readonly string[];
}

export interface TicketSummary {
  readonly received: number;
  readonly drafts: number;
  readonly handoffs: number;
  readonly escalations: number;
  readonly reviewed: number;
  readonly decidedByCli: number;
  readonly sent: number;
  readonly traced: number;
}

/** What is not as it must be; empty when all is well. */
export function ticketProblems(rows: readonly TicketRow[]): string[] {
  return rows.flatMap((row) => problemsOf(row).map((problem) => `ticket "${row.planned.name}": ${problem}`));
}

function problemsOf({ planned, answers, seen, replies }: TicketRow): string[] {
  const refused = answers.filter((status) => status !== 202);
  if (refused.length > 0) return [`answered ${refused.join(', ')}`];
  if (!seen) return ['support knows nothing of it'];
  return [...endProblems(planned, seen, replies), ...factProblems(planned, seen, replies)];
}

/** How it has to end. */
function endProblems({ end }: PlannedTicket, seen: SeenTicket, replies: readonly string[]): string[] {
  const goesOut = end === 'sent' || end === 'approved';
  const checks: readonly (readonly [boolean, string])[] = [
    [replies.length === (goesOut ? 1 : 0), `${replies.length} replies in the sandbox`],
    [seen.confirmed === (goesOut ? 1 : 0), `${seen.confirmed} replies confirmed`],
    [seen.approved === (end === 'approved' ? 1 : 0), `${seen.approved} replies approved`],
    [seen.openReviews === (end === 'reviewed' ? 1 : 0), `${seen.openReviews} open reviews`],
    [seen.escalated === (end === 'escalated'), seen.escalated ? 'escalated' : 'not escalated'],
    [seen.taken === (end === 'person'), seen.taken ? 'a person has it' : 'no person has it'],
  ];
  return checks.flatMap(([isRight, problem]) => (isRight ? [] : [problem]));
}

/** What it has to say, who has to have it, and that all of it leads back to a delivery. */
function factProblems(
  { specialist, fact, end }: PlannedTicket,
  seen: SeenTicket,
  replies: readonly string[],
): string[] {
  const last = seen.specialists.at(-1);
  const isSaid = fact === undefined || end === 'reviewed' || replies.some((text) => text.includes(fact));
  return [
    ...(specialist === undefined || last === specialist ? [] : [`with ${last ?? 'nobody'}, not with ${specialist}`]),
    ...(isSaid ? [] : [`the reply does not say "${fact}"`]),
    ...(seen.traced ? [] : ['something of it leads back to no delivery']),
  ];
}

export function ticketSummary(rows: readonly TicketRow[], decidedByCli: number): TicketSummary {
  const seen = rows.flatMap((row) => row.seen ?? []);
  const sum = (count: (one: SeenTicket) => number): number => seen.reduce((total, one) => total + count(one), 0);
  return {
    received: seen.length,
    drafts: sum(({ drafts }) => drafts),
    handoffs: sum(({ specialists }) => Math.max(0, specialists.length - 1)),
    escalations: sum(({ escalated }) => (escalated ? 1 : 0)),
    reviewed: sum(({ openReviews, approved }) => openReviews + approved),
    decidedByCli,
    sent: rows.reduce((total, { replies }) => total + replies.length, 0),
    traced: sum(({ traced }) => (traced ? 1 : 0)),
  };
}

/** A ticket as a line of the demo's table. */
export function ticketRow({ planned, answers, seen, replies }: TicketRow): DemoRow {
  const { name, source } = planned;
  const draft = seen && seen.openReviews > 0 ? 'review' : 'withheld';
  const effect = replies.length > 0 ? 'reply' : '-';
  const decision = seen?.escalated ? 'escalated' : replies.length > 0 ? 'answered' : draft;
  return { delivery: `${source}: ${name}`, answer: answers[0] ?? 0, decision, effect, ms: null };
}
