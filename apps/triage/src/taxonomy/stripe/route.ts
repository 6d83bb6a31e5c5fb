import type { DomainMessage } from '../../domain-contracts.js';
import type { Fields } from '../fields.js';
import type { Lookups } from '../taxonomy.js';

/** A Stripe event taken apart. */
export interface StripeEvent {
  /** `data.object` */
  readonly object: Fields;
  readonly paymentId: string;
  /** when Stripe made the event, milliseconds since the epoch */
  readonly at: number;
  /** the connected account the event came from */
  readonly eventAccount: string | null;
  readonly lookups: Lookups;
}

/** One event type's way into our contracts; throws BodyInvalid. */
export type StripeRoute = (event: StripeEvent) => readonly DomainMessage[];
