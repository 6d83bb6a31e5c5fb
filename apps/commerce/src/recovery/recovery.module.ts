import { ServicePart } from '@towpath/service-kit/service';
import { recoveryConfig } from './config.js';
import { EndWhenPaid } from './end-when-paid.handler.js';
import { EndWithSubscription } from './end-with-subscription.handler.js';
import { KnowInvoice } from './know-invoice.handler.js';
import { OfferAnotherWay } from './offer-alternative-payment.handler.js';
import { recoveryCase } from './recovery-case.js';
import { recoveryMails } from './recovery-mails.projection.js';
import { SeeDecline } from './see-decline.handler.js';
import { StopRecoveryHandler } from './stop-recovery.handler.js';
import { subscriptionRecoveries } from './subscription-recoveries.projection.js';
import { TakeRecoveryStep } from './take-recovery-step.handler.js';

/** Pursues declined payments until the customer pays or it is time to give up. */
@ServicePart({
  handlers: [
    ...[SeeDecline, KnowInvoice, OfferAnotherWay, TakeRecoveryStep],
    ...[EndWhenPaid, StopRecoveryHandler, EndWithSubscription],
  ],
  aggregates: [recoveryCase],
  projections: [recoveryMails, subscriptionRecoveries],
  config: recoveryConfig,
})
export class RecoveryModule {}
