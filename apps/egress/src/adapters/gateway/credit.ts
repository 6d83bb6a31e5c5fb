import { CreditAtAlternateGateway } from '@towpath/contracts/payments/CreditAtAlternateGateway.v1';
import { textAt } from '../../answer.js';
import { httpTool } from '../../http-adapter.js';
import type { GatewaySettings } from './gateway.adapter.js';
import { instrumentOf, keyed, ownAmong, paymentsOf } from './payments-at-gateway.js';

/** A payout to what the owner has stored at the gateway, for money that belongs to no charge. */
export const creditAtGateway = httpTool<typeof CreditAtAlternateGateway, GatewaySettings>({
  command: CreditAtAlternateGateway,
  subjectType: 'credit',
  target: ({ creditId, accountId }) => ({ subjectId: creditId, accountId }),
  locate: async ({ data }, read) => {
    const before = textAt((await paymentsOf(data.creditId, read))[0], 'id');
    if (before !== undefined) return { kind: 'settled', reference: before };
    return { kind: 'found', id: data.paymentMethodId ?? (await instrumentOf(data.accountId, read)) };
  },
  request: ({ data, settings, effect, marks }, id) =>
    keyed(effect, '/payments', {
      source: { type: 'currency_account', id: settings.GATEWAY_CURRENCY_ACCOUNT },
      destination: { type: 'id', id },
      amount: data.amountMinor,
      currency: data.currency,
      reference: data.creditId,
      instruction: { purpose: 'compensation' },
      metadata: marks,
    }),
  reference: ({ json }) => textAt(json, 'id'),
  probe: async ({ data, effect }, read) => ownAmong(await paymentsOf(data.creditId, read), effect),
});
