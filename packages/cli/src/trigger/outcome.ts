import type { InspectedRecord } from '@towpath/kafka/inspect';
import { factsOf } from '../watch/facts.js';
import { nameOf } from '../watch/watch-line.js';

/** How the story of a triggered delivery ended. */
export interface Outcome {
  readonly type: string;
  /** approved, held, blocked; else the name of the event that came of it */
  readonly decision: string;
  readonly facts: readonly string[];
  /** when it was published, milliseconds since the epoch */
  readonly at: number;
}

const DECISIONS: Readonly<Record<string, string>> = {
  'fraud.v1.PaymentApproved': 'approved',
  'fraud.v1.PaymentHeldForReview': 'held for review',
  'fraud.v1.PaymentBlocked': 'blocked',
};
const ENDS_ANY_STORY = new Set(['triage.v1.DeliveryRefused', 'triage.v1.DeliveryUnrouted', 'platform.v1.DeadLettered']);
const BEGINS = 'webhooks.v1.WebhookReceived';

/** What is waited for. */
export interface Awaited {
  readonly deliveryId: string;
  readonly paymentId: string | undefined;
  /** whether it ends in a decision about the payment; else the first event that comes of it is its outcome */
  readonly decides: boolean;
  /** the event that is its outcome, when it is not the first */
  readonly endsWith?: string | undefined;
}

/** The outcome that a record is for what is awaited; undefined when it is none. */
export function outcomeIn(record: InspectedRecord, awaited: Awaited): Outcome | undefined {
  const { type, headers, data, timestamp } = record;
  const ofStory = headers['ce_correlationid'] === awaited.deliveryId;
  const isFirst = !awaited.decides && type !== BEGINS && (awaited.endsWith ?? type) === type;
  const ends = ofStory && (ENDS_ANY_STORY.has(type) || isFirst);
  const decision = DECISIONS[type];
  const decided = awaited.decides && decision !== undefined && headers['ce_subject'] === awaited.paymentId;
  if (!ends && !decided) return undefined;
  return { type, decision: decision ?? nameOf(type), facts: factsOf(data), at: timestamp };
}

const EARLY_RECORDS_MAX = 5_000;

/** Matches records with what is awaited, in whichever order they come: the platform may be faster than its answer. */
export class OutcomeCollector<T extends Awaited> {
  /** by delivery id */
  readonly found = new Map<string, Outcome>();
  private readonly byDelivery = new Map<string, T>();
  private readonly byPayment = new Map<string, T>();
  private readonly early: InspectedRecord[] = [];

  constructor(private readonly onOutcome: (awaited: T, outcome: Outcome) => void) {}

  expect(awaited: T): void {
    this.byDelivery.set(awaited.deliveryId, awaited);
    if (awaited.paymentId !== undefined) this.byPayment.set(awaited.paymentId, awaited);
    for (const record of this.early) this.match(record, awaited);
  }

  take(record: InspectedRecord): void {
    const { headers } = record;
    const awaited =
      this.byDelivery.get(headers['ce_correlationid'] ?? '') ?? this.byPayment.get(headers['ce_subject'] ?? '');
    if (awaited) {
      this.match(record, awaited);
    } else {
      this.early.push(record);
      if (this.early.length > EARLY_RECORDS_MAX) this.early.shift();
    }
  }

  private match(record: InspectedRecord, awaited: T): void {
    if (this.found.has(awaited.deliveryId)) return;
    const outcome = outcomeIn(record, awaited);
    if (!outcome) return;
    this.found.set(awaited.deliveryId, outcome);
    this.onOutcome(awaited, outcome);
  }
}
