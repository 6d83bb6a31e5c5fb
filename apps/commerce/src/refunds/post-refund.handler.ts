import { PostRefund } from '@towpath/contracts/commerce/PostRefund.v1';
import { RefundPosted } from '@towpath/contracts/commerce/RefundPosted.v1';
import { RefundRefused } from '@towpath/contracts/commerce/RefundRefused.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { orderLedger } from './order-ledger.js';
import { refundedMinor } from './order-money.js';
import { refundRefused } from './refund-refused.js';

const EMITS = [RefundPosted, RefundRefused] as const;

/** What a refund takes away from. */
const SALES_RETURNS = 'sales-returns';

/** Enters a refund that was paid into the ledger: what was set aside for it, and nothing else. */
@Handles(PostRefund, { emits: EMITS })
export class PostRefundHandler implements Handler<typeof PostRefund, typeof EMITS> {
  reads({ data }: Received<typeof PostRefund>): Reads {
    return { streams: [orderLedger.of(data.orderId)] };
  }

  handle({ data }: Received<typeof PostRefund>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { refundId, orderId, method, provider, reference } = data;
    const ledger = state.of(orderLedger, orderId);
    const { paid, refunds } = ledger;
    const refund = refunds[refundId];
    if (!paid || !refund || refund.status === 'released') {
      return [refundRefused({ refundId, orderId, amountMinor: null }, 'NOT_SET_ASIDE', ledger, state.now)];
    }
    const { amountMinor } = refund;
    const repeated = refund.status === 'posted';
    return [
      emit(RefundPosted, {
        ...{ refundId, orderId, method: refund.method ?? method, provider, reference, repeated, amountMinor },
        ...{ entryId: refund.entryId ?? `refund:${refundId}`, currency: paid.currency },
        ...{ debitAccount: SALES_RETURNS, creditAccount: creditedBy(refund.method ?? method, provider) },
        refundedMinor: refundedMinor(ledger) + (repeated ? 0 : amountMinor),
        paidMinor: paid.amountMinor,
        postedAt: state.now.getTime(),
      }),
    ];
  }
}

/** A credit is owed to the customer; any other refund left the account at its provider. */
function creditedBy(method: string, provider: string): string {
  return method === 'credit' ? 'customer-credit' : `cash:${provider}`;
}
