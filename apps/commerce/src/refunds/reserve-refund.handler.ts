import { RefundRefused } from '@towpath/contracts/commerce/RefundRefused.v1';
import { RefundReserved } from '@towpath/contracts/commerce/RefundReserved.v1';
import { ReserveRefund } from '@towpath/contracts/commerce/ReserveRefund.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { orderLedger } from './order-ledger.js';
import { leftMinor } from './order-money.js';
import { decideRefund } from './refund.decider.js';
import { refundRefused } from './refund-refused.js';

const EMITS = [RefundReserved, RefundRefused] as const;

/** Sets money of an order aside for one refund, before any gateway hears of it: so no two refunds can have the same money. */
@Handles(ReserveRefund, { emits: EMITS })
export class ReserveRefundHandler implements Handler<typeof ReserveRefund, typeof EMITS> {
  reads({ data }: Received<typeof ReserveRefund>): Reads {
    return { streams: [orderLedger.of(data.orderId)] };
  }

  handle({ data }: Received<typeof ReserveRefund>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const ledger = state.of(orderLedger, data.orderId);
    const decision = decideRefund(data, ledger);
    const { paid, charge } = ledger;
    if (decision.kind === 'refused') return [refundRefused(data, decision.code, ledger, state.now)];
    // Nothing is set aside of an order that is not paid.
    if (!paid) return [refundRefused(data, 'NOT_PAID', ledger, state.now)];
    const { amountMinor, repeated } = decision;
    const { customerId, accountId, currency } = paid;
    const left = leftMinor(ledger) - (repeated ? 0 : amountMinor);
    return [
      emit(RefundReserved, {
        ...{ refundId: data.refundId, orderId: data.orderId, customerId, accountId, amountMinor, currency, repeated },
        ...{ paymentId: charge?.paymentId ?? null, leftMinor: left, reservedAt: state.now.getTime() },
      }),
    ];
  }
}
