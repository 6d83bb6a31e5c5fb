import { CreditIssued } from '@towpath/contracts/commerce/CreditIssued.v1';
import { IssueCredit } from '@towpath/contracts/commerce/IssueCredit.v1';
import { RefundRefused } from '@towpath/contracts/commerce/RefundRefused.v1';
import { PageOnCall } from '@towpath/contracts/pages/PageOnCall.v1';
import { AlertRaised } from '@towpath/contracts/platform/AlertRaised.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { balanceOf, customerCredit } from './customer-credit.js';
import { orderLedger } from './order-ledger.js';
import { refundRefused } from './refund-refused.js';

const EMITS = [CreditIssued, RefundRefused, AlertRaised, PageOnCall] as const;

/**
 * Credits a customer with money that was set aside for them and that no gateway would pay. Whoever is on call is told, in the same transaction:
 * the customer asked for money and got something else.
 */
@Handles(IssueCredit, { emits: EMITS })
export class IssueCreditHandler implements Handler<typeof IssueCredit, typeof EMITS> {
  reads({ data }: Received<typeof IssueCredit>): Reads {
    return { streams: [orderLedger.of(data.orderId), customerCredit.of(data.customerId)] };
  }

  handle({ data }: Received<typeof IssueCredit>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { refundId, orderId, customerId, amountMinor, currency, reason } = data;
    const ledger = state.of(orderLedger, orderId);
    const credit = state.of(customerCredit, customerId);
    const issued = { creditId: refundId, customerId, orderId, amountMinor, currency, reason };
    const issuedAt = state.now.getTime();
    const balanceMinor = balanceOf(credit, currency);
    if (credit.given.includes(refundId)) {
      return [emit(CreditIssued, { ...issued, balanceMinor, repeated: true, issuedAt })];
    }
    const { paid, refunds } = ledger;
    const setAside = refunds[refundId];
    const isTheirs = paid?.customerId === customerId && paid.currency === currency;
    if (!isTheirs || setAside?.status !== 'reserved' || setAside.amountMinor !== amountMinor) {
      return [refundRefused(data, 'NOT_SET_ASIDE', ledger, state.now)];
    }
    return [
      emit(CreditIssued, { ...issued, balanceMinor: balanceMinor + amountMinor, repeated: false, issuedAt }),
      ...alert(data, issuedAt),
    ];
  }
}

function alert({ refundId, orderId, amountMinor, currency, reason }: IssueCredit, raisedAt: number) {
  const alertId = `refund-credited_${refundId}`;
  const credit = `a credit of ${amountMinor} minor units of ${currency}`;
  const summary = `No gateway would pay refund ${refundId} of order ${orderId}: the customer got ${credit}.`;
  const about = { subjectType: 'order', subjectId: orderId };
  return [
    emit(AlertRaised, {
      ...{ alertId, name: 'RefundCredited', subject: orderId, count: 1, sampleId: refundId, summary, raisedAt },
    }),
    emit(PageOnCall, { pageId: alertId, summary, severity: 'warning', ...about, details: reason }),
  ];
}
