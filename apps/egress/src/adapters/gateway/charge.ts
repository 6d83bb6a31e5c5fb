import { ChargeAtAlternateGateway } from '@towpath/contracts/payments/ChargeAtAlternateGateway.v1';
import { textAt } from '../../answer.js';
import { httpTool } from '../../http-adapter.js';
import type { GatewaySettings } from './gateway.adapter.js';
import { chargeOf, keyed, ownAmong, paymentsOf } from './payments-at-gateway.js';

/** Money from what the owner has stored there. What was charged under the same name before is not charged again, unless it went back. */
export const chargeAtGateway = httpTool<typeof ChargeAtAlternateGateway, GatewaySettings>({
  command: ChargeAtAlternateGateway,
  subjectType: 'payment',
  target: ({ chargeRef, accountId }) => ({ subjectId: chargeRef, accountId }),
  locate: async ({ data }, read) => {
    const charge = await chargeOf(data.chargeRef, read, { open: true });
    return charge === undefined ? { kind: 'absent' } : { kind: 'settled', reference: charge };
  },
  request: ({ data, effect, marks }) =>
    keyed(effect, '/payments', {
      source:
        data.paymentMethodId === null
          ? { type: 'customer', id: data.accountId }
          : { type: 'id', id: data.paymentMethodId },
      amount: data.amountMinor,
      currency: data.currency,
      ...{ payment_type: 'Unscheduled', merchant_initiated: true, capture: true },
      reference: data.chargeRef,
      description: data.description,
      metadata: marks,
    }),
  reference: ({ json }) => textAt(json, 'id'),
  probe: async ({ data, effect }, read) => ownAmong(await paymentsOf(data.chargeRef, read), effect),
});
