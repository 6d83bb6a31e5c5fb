import { ProviderReturnDue } from '@towpath/contracts/commerce/ProviderReturnDue.v1';
import type { DecisionState } from '@towpath/service-kit/handles';
import { remind, type Emission } from '@towpath/service-kit/message';
import { payments } from './payments.projection.js';

/** All that a provider refunded of a payment; a dispute goes by its own id. */
export const REFUNDS = 'refunds';

interface Return {
  readonly paymentId: string;
  readonly returnId: string;
  readonly amountMinor: number;
  /** null where the provider does not say */
  readonly currency: string | null;
}

/** What a provider says went back is entered in the ledger of the payment's order; a payment of no order concerns nobody here. */
export function noteReturn(
  { paymentId, returnId, amountMinor, currency }: Return,
  state: DecisionState,
): Emission<typeof ProviderReturnDue>[] {
  const row = state.row(payments, paymentId);
  if (!row) return [];
  // Which order it is shows only now, and a decision reads what its message names.
  return [remind(ProviderReturnDue, state.now, { orderId: row.orderId, paymentId, returnId, amountMinor, currency })];
}
