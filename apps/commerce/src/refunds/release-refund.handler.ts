import { RefundReleased } from '@towpath/contracts/commerce/RefundReleased.v1';
import { ReleaseRefund } from '@towpath/contracts/commerce/ReleaseRefund.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { orderLedger } from './order-ledger.js';
import { NO_CURRENCY } from './refund-refused.js';

const EMITS = [RefundReleased] as const;

/** Gives up a refund that no gateway paid. It is said also where nothing was set aside, and then nothing will be. */
@Handles(ReleaseRefund, { emits: EMITS })
export class ReleaseRefundHandler implements Handler<typeof ReleaseRefund, typeof EMITS> {
  reads({ data }: Received<typeof ReleaseRefund>): Reads {
    return { streams: [orderLedger.of(data.orderId)] };
  }

  handle({ data }: Received<typeof ReleaseRefund>, state: DecisionState): Emission<typeof RefundReleased>[] {
    const { refundId, orderId, reason } = data;
    const { refunds, paid } = state.of(orderLedger, orderId);
    const before = refunds[refundId];
    return [
      emit(RefundReleased, {
        ...{ refundId, orderId, reason, currency: paid?.currency ?? NO_CURRENCY },
        amountMinor: before?.status === 'reserved' ? before.amountMinor : 0,
        releasedAt: state.now.getTime(),
      }),
    ];
  }
}
