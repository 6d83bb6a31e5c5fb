import { CreditIssued } from '@towpath/contracts/commerce/CreditIssued.v1';
import { IssueCredit } from '@towpath/contracts/commerce/IssueCredit.v1';
import { PostRefund } from '@towpath/contracts/commerce/PostRefund.v1';
import { RefundPosted } from '@towpath/contracts/commerce/RefundPosted.v1';
import { RefundRefused } from '@towpath/contracts/commerce/RefundRefused.v1';
import { RefundReleased } from '@towpath/contracts/commerce/RefundReleased.v1';
import { RefundReserved } from '@towpath/contracts/commerce/RefundReserved.v1';
import { ReleaseRefund } from '@towpath/contracts/commerce/ReleaseRefund.v1';
import { ReserveRefund } from '@towpath/contracts/commerce/ReserveRefund.v1';
import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { RefundRequested } from '@towpath/contracts/orders/RefundRequested.v1';
import { RefundAtAlternateGateway } from '@towpath/contracts/payments/RefundAtAlternateGateway.v1';
import { RefundCharge } from '@towpath/contracts/payments/RefundCharge.v1';
import { ask } from '@towpath/sagas/ask';
import { saga } from '@towpath/sagas/saga';
import { refundPaid } from './order-letters.js';

const DAY_MS = 86_400_000;
const byEgress = { done: EffectConfirmed, failed: EffectFailed, unknown: EffectOutcomeUnknown } as const;

/**
 * Sets the money aside, so that no other refund of the order can have it; pays it at the gateway, else at the alternate one, else as a
 * credit, of which people are told; enters it into the ledger and tells the customer. What was paid is never taken back, so from there
 * on the saga goes forward or to a person.
 */
export const refund = saga('refund', { version: 1, deadlineMs: 3 * DAY_MS })
  .startsWith(RefundRequested, ({ refundId }) => refundId)
  .step('set-aside', {
    do: ({ key, start: { orderId, amountMinor, currency } }) =>
      ask(ReserveRefund, { refundId: key, orderId, amountMinor, currency }),
    done: RefundReserved,
    failed: RefundRefused,
    undo: ({ key, start: { orderId } }) =>
      ask(ReleaseRefund, { refundId: key, orderId, reason: 'it could not be paid' }),
    undone: RefundReleased,
    timeoutMs: 30_000,
    // Money that a provider just gave back counts twice until it is entered.
    retry: { attempts: 3, backoffMs: 2_000 },
  })
  .step('pay-back', {
    ...byEgress,
    do: ({ results }) => ask(RefundCharge, moneyOf(results['set-aside'])),
    undo: 'irreversible',
    timeoutMs: 60_000,
    alternatives: [
      {
        name: 'alternate-gateway',
        do: ({ results }) => ask(RefundAtAlternateGateway, moneyOf(results['set-aside'])),
        undo: 'irreversible',
      },
      {
        name: 'credit',
        do: ({ results }) => {
          const { refundId, orderId, customerId, amountMinor, currency } = results['set-aside'];
          const reason = 'no gateway would pay it';
          return ask(IssueCredit, { refundId, orderId, customerId, amountMinor, currency, reason });
        },
        undo: 'irreversible',
        done: CreditIssued,
        failed: RefundRefused,
      },
    ],
  })
  .step('post', {
    do: ({ key, start: { orderId }, results }) => {
      const paid = results['pay-back'];
      const by =
        'creditId' in paid
          ? { method: 'credit', provider: 'commerce', reference: paid.creditId }
          : { method: methodOf(paid), provider: paid.provider, reference: paid.providerReference };
      return ask(PostRefund, { refundId: key, orderId, ...by });
    },
    done: RefundPosted,
    failed: RefundRefused,
    undo: 'irreversible',
    timeoutMs: 30_000,
    retry: { attempts: 3, backoffMs: 2_000 },
  })
  // The money is back whether or not a mail can say so.
  .optional('notify', {
    ...byEgress,
    do: ({ key, start, results }) => ask(SendMail, refundPaid(key, start, results.post)),
    undo: 'irreversible',
    timeoutMs: 60_000,
    whenFailed: 'continue',
  })
  .build();

function moneyOf({ refundId, orderId, paymentId, accountId, amountMinor, currency }: RefundReserved) {
  return { refundId, chargeRef: orderId, paymentId, accountId, amountMinor, currency, reason: 'asked for by the shop' };
}

function methodOf({ action }: EffectConfirmed): string {
  return action === RefundAtAlternateGateway.type ? 'alternate-gateway' : 'gateway';
}
