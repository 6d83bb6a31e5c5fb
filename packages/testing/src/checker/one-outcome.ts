import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { PaymentBlocked } from '@towpath/contracts/fraud/PaymentBlocked.v1';
import { PaymentHeldForReview } from '@towpath/contracts/fraud/PaymentHeldForReview.v1';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { DeliveryRefused } from '@towpath/contracts/triage/DeliveryRefused.v1';
import { DeliveryRouted } from '@towpath/contracts/triage/DeliveryRouted.v1';
import { DeliveryUnrouted } from '@towpath/contracts/triage/DeliveryUnrouted.v1';
import { Findings, type Accepted, type EventRow, type Verdict } from './evidence.js';

const OUTCOMES: ReadonlySet<string> = new Set([DeliveryRouted.type, DeliveryUnrouted.type, DeliveryRefused.type]);
const DECISIONS: ReadonlySet<string> = new Set([PaymentApproved.type, PaymentHeldForReview.type, PaymentBlocked.type]);

/** A row of a service's inbox. */
export interface InboxRow {
  readonly service: string;
  readonly eventId: string;
  readonly repeats: number;
}

/**
 * I1: each delivery that was answered with 2xx ends in exactly one outcome or dead letter, each payment among them in
 * exactly one decision, a repeat is counted on the first's inbox row; and what one store sent on was taken by each service
 * that takes messages of that type.
 */
export class OneOutcome {
  private readonly outcomes = new Map<string, number>();
  private readonly decisions = new Map<string, number>();
  private readonly givenUp = new Set<string>();
  /** ids of published messages, by type; each was to be taken by whoever takes that type */
  private readonly published = new Map<string, string[]>();
  private readonly taken = new Map<string, Map<string, number>>();

  event(row: EventRow): void {
    if (OUTCOMES.has(row.type)) add(this.outcomes, String(row.data['deliveryId']));
    if (DECISIONS.has(row.type)) add(this.decisions, String(row.data['paymentId']));
    if (row.type === DeadLettered.type) this.givenUp.add(String(row.data['originEventId']));
    if (row.kind === 'internal') return;
    const ids = this.published.get(row.type);
    if (ids) ids.push(row.id);
    else this.published.set(row.type, [row.id]);
  }

  inbox({ service, eventId, repeats }: InboxRow): void {
    const rows = this.taken.get(service) ?? new Map<string, number>();
    this.taken.set(service, rows.set(eventId, repeats));
  }

  verdict(accepted: Iterable<Accepted>): Verdict {
    const findings = new Findings('I1 each accepted delivery has one outcome');
    for (const one of accepted) this.judge(one, findings);
    for (const [service, rows] of this.taken) {
      for (const [type, ids] of this.published) {
        // A service that took none of a type does not take it.
        if (!ids.some((id) => rows.has(id))) continue;
        for (const id of ids) {
          findings.check(rows.has(id) || this.givenUp.has(id), () => `${type} ${id} never reached ${service}`);
        }
      }
    }
    return findings.verdict();
  }

  private judge({ deliveryId, accepts, paymentId }: Accepted, findings: Findings): void {
    const outcomes = (this.outcomes.get(deliveryId) ?? 0) + (this.givenUp.has(deliveryId) ? 1 : 0);
    findings.check(outcomes === 1, () => `delivery ${deliveryId} has ${outcomes} outcomes`);
    if (accepts > 1) {
      const repeats = this.taken.get('triage')?.get(deliveryId) ?? 0;
      findings.check(repeats > 0, () => `delivery ${deliveryId} was taken ${accepts} times, its inbox row counts none`);
    }
    if (paymentId === null) return;
    const decisions = this.decisions.get(paymentId) ?? 0;
    findings.check(decisions === 1, () => `payment ${paymentId} has ${decisions} decisions`);
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
