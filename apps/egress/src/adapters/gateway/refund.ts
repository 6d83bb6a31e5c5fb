import { RefundAtAlternateGateway } from '@towpath/contracts/payments/RefundAtAlternateGateway.v1';
import { at, listAt, textAt } from '../../answer.js';
import { httpTool, type Ask, type Read } from '../../http-adapter.js';
import type { GatewaySettings } from './gateway.adapter.js';
import { chargeOf, instrumentOf, keyed, ownAmong, paymentsOf } from './payments-at-gateway.js';

/** A payment of the gateway's own begins like this; other ids are of the gateway that took the money. */
const OWN_PAYMENT = 'pay_';

/**
 * Money back by the gateway: from its own payment of that name, else without one, to what the owner has stored there
 * (Checkout.com, Refund a payment without a reference).
 */
export const refundAtGateway = httpTool<typeof RefundAtAlternateGateway, GatewaySettings>({
  command: RefundAtAlternateGateway,
  subjectType: 'payment',
  target: ({ chargeRef, accountId }) => ({ subjectId: chargeRef, accountId }),
  locate: async ({ data }, read) => {
    const payment = await ownPaymentOf(data, read);
    const before = named(await refundsOf(payment, data.refundId, read), data.refundId);
    if (before !== undefined) return { kind: 'settled', reference: before };
    return { kind: 'found', id: payment ?? (await instrumentOf(data.accountId, read)) };
  },
  request: ({ data, settings, effect, marks }, id) => {
    const money = { amount: data.amountMinor, reference: data.refundId, metadata: marks };
    if (id.startsWith(OWN_PAYMENT)) return keyed(effect, `/payments/${encodeURIComponent(id)}/refunds`, money);
    return keyed(effect, '/payments', {
      ...money,
      payment_type: 'UnreferencedRefund',
      currency: data.currency,
      source: { type: 'currency_account', id: settings.GATEWAY_CURRENCY_ACCOUNT },
      destination: { type: 'id', id },
    });
  },
  reference: ({ json }) => textAt(json, 'action_id') ?? textAt(json, 'id'),
  probe: async ({ data, effect }, read) =>
    ownAmong(await refundsOf(await ownPaymentOf(data, read), data.refundId, read), effect),
});

/** What went back: of the gateway's own payment, else without one. */
async function refundsOf(payment: string | undefined, refundId: string, read: Read): Promise<readonly unknown[]> {
  if (payment === undefined) return paymentsOf(refundId, read);
  const { json } = await read(`/payments/${encodeURIComponent(payment)}/actions`);
  return listAt({ json }, 'json').filter((one) => textAt(one, 'type') === 'Refund');
}

/** The refund of this name that was approved. */
function named(refunds: readonly unknown[], refundId: string): string | undefined {
  const own = refunds.find((one) => textAt(one, 'reference') === refundId && at(one, 'approved') !== false);
  return textAt(own, 'id');
}

async function ownPaymentOf(
  { paymentId, chargeRef }: Ask<RefundAtAlternateGateway, GatewaySettings>['data'],
  read: Read,
): Promise<string | undefined> {
  return paymentId?.startsWith(OWN_PAYMENT) === true ? paymentId : chargeOf(chargeRef, read);
}
