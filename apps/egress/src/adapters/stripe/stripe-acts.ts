import type { Contract } from '@towpath/contracts/contract';
import { pauseSubscription, resumeSubscription, retryInvoice } from './billing.js';
import { chargeCard } from './charge-card.js';
import { refundCharge } from './refund-charge.js';
import type { StripeAct } from './stripe-act.js';

/** What Stripe does for sagas, by the type of the command; each looks first whether it is needed. */
export const stripeActs: ReadonlyMap<string, { readonly command: Contract; readonly act: StripeAct }> = new Map(
  [chargeCard, refundCharge, pauseSubscription, resumeSubscription, retryInvoice].map(([type, act, command]) => [
    type,
    { command, act },
  ]),
);
