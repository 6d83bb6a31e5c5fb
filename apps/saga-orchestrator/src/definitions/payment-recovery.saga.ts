import { OfferAlternativePayment } from '@towpath/contracts/payments/OfferAlternativePayment.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { RecoveryFlowDeclined } from '@towpath/contracts/payments/RecoveryFlowDeclined.v1';
import { RecoveryFlowEnded } from '@towpath/contracts/payments/RecoveryFlowEnded.v1';
import { RecoveryFlowInitiated } from '@towpath/contracts/payments/RecoveryFlowInitiated.v1';
import { StopRecovery } from '@towpath/contracts/payments/StopRecovery.v1';
import { ask } from '@towpath/sagas/ask';
import { saga } from '@towpath/sagas/saga';

const DAY_MS = 86_400_000;

/**
 * A declined payment: the customer is offered another way at once, and pursued by the plan of the decline until they pay or it is given up.
 * The plan's own steps (tries, reminders, the pause of a subscription) are those of whoever answers the offer; stopping takes them back.
 */
export const paymentRecovery = saga('payment-recovery', { version: 1, deadlineMs: 45 * DAY_MS })
  .startsWith(PaymentFailed, ({ paymentId }) => paymentId)
  .step('offer', {
    do: ({ start }) =>
      ask(OfferAlternativePayment, {
        ...{ paymentId: start.paymentId, accountId: start.accountId, amountMinor: start.amountMinor },
        ...{ currency: start.currency, declineCode: start.declineCode, failureCode: start.failureCode },
        ...{ invoiceId: start.invoiceId, email: start.email, failedAt: start.failedAt },
      }),
    done: RecoveryFlowInitiated,
    failed: RecoveryFlowDeclined,
    undo: ({ start: { paymentId, accountId } }) =>
      ask(StopRecovery, { paymentId, accountId, reason: 'its saga was taken back' }),
    undone: RecoveryFlowEnded,
    timeoutMs: 30_000,
  })
  // Given up after thirty days at the latest: who has not said so by then is asked to stop.
  .waitFor('outcome', { event: RecoveryFlowEnded, key: ({ paymentId }) => paymentId, timeoutMs: 40 * DAY_MS })
  .build();
