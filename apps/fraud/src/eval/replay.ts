import { FraudCaseOpened } from '@towpath/contracts/fraud/FraudCaseOpened.v1';
import { FraudConfirmed } from '@towpath/contracts/fraud/FraudConfirmed.v1';
import type { Projection } from '@towpath/event-store/projection';
import type { DomainEvent, Metadata } from '@towpath/event-store/types';
import { SECONDS_PER_DAY, type PaymentFacts } from '../payment-facts.js';
import { cards } from '../profiles/cards.projection.js';
import { customers } from '../profiles/customers.projection.js';
import { ips } from '../profiles/ips.projection.js';
import { merchants } from '../profiles/merchants.projection.js';
import { RULES, type Rules } from '../rules.js';
import { assess, type Assessment, type Profiles } from '../score.decider.js';
import { asFraudConfirmed, asPaymentFacts } from './as-payment-facts.js';
import type { CardPayment } from './card-payments.js';

/** Labels come as late as disputes do. */
export const LABEL_DELAY_SECONDS = 7 * SECONDS_PER_DAY;

/**
 * Scores payments in time order as the service does: the same projections and the same decider, with rows in memory.
 * A payment is scored by what was known before it; its label arrives 7 days after it.
 */
export class Replay {
  private readonly rows = new Map<string, Map<string, unknown>>();
  /** frauds whose disputes have not come yet, oldest first */
  private labels: CardPayment[] = [];
  private delivered = 0;

  constructor(private readonly rules: Rules = RULES) {}

  score(payment: CardPayment): Assessment {
    const { facts, profiles } = this.before(payment);
    const assessment = assess(facts, profiles, this.rules);
    this.add(payment, facts);
    return assessment;
  }

  /** What is known when the payment comes. */
  before(payment: CardPayment): { readonly facts: PaymentFacts; readonly profiles: Profiles } {
    this.deliverLabels(payment.seconds - LABEL_DELAY_SECONDS);
    const facts = asPaymentFacts(payment);
    const profiles = {
      customer: this.row(customers, facts.accountId),
      card: this.row(cards, facts.cardFingerprint),
      ip: this.row(ips, facts.ipHash),
      merchant: this.row(merchants, facts.merchantId),
    };
    return { facts, profiles };
  }

  /** The payment becomes history, and its label is on its way. */
  add(payment: CardPayment, facts: PaymentFacts): void {
    this.apply(eventOf(FraudCaseOpened.type, facts));
    if (payment.fraud) this.labels.push(payment);
  }

  private deliverLabels(until: number): void {
    while (this.delivered < this.labels.length && this.labels[this.delivered]!.seconds <= until) {
      const label = this.labels[this.delivered]!;
      this.delivered += 1;
      const confirmedAt = (label.seconds + LABEL_DELAY_SECONDS) * 1000;
      this.apply(eventOf(FraudConfirmed.type, asFraudConfirmed(label, confirmedAt)));
    }
    if (this.delivered > 1_000) {
      this.labels = this.labels.slice(this.delivered);
      this.delivered = 0;
    }
  }

  private row<Row>(projection: Projection<Row>, key: string | null): Row | undefined {
    return key === null ? undefined : (this.rowsOf(projection).get(key) as Row | undefined);
  }

  private apply(event: DomainEvent): void {
    this.applyTo(customers, event);
    this.applyTo(cards, event);
    this.applyTo(ips, event);
    this.applyTo(merchants, event);
  }

  private applyTo<Row>(projection: Projection<Row>, event: DomainEvent): void {
    const rows = this.rowsOf(projection);
    for (const key of projection.keysOf(event)) {
      rows.set(key, projection.evolve(rows.get(key) as Row | undefined, event, key));
    }
  }

  private rowsOf(projection: { readonly name: string }): Map<string, unknown> {
    let rows = this.rows.get(projection.name);
    if (!rows) {
      rows = new Map<string, unknown>();
      this.rows.set(projection.name, rows);
    }
    return rows;
  }
}

const METADATA: Metadata = { correlationId: 'replay', causationId: 'replay', hops: 0, handler: 'replay' };
const EPOCH = new Date(0);

function eventOf(type: string, data: { readonly paymentId: string }): DomainEvent {
  return { id: data.paymentId, stream: data.paymentId, type, data, metadata: METADATA, occurredAt: EPOCH };
}
