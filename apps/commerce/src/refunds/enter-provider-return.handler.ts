import { ProviderReturnDue } from '@towpath/contracts/commerce/ProviderReturnDue.v1';
import { ProviderReturnNoted } from '@towpath/contracts/commerce/ProviderReturnNoted.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { orderLedger } from './order-ledger.js';
import { REFUNDS } from './provider-returns.js';

const EMITS = [ProviderReturnNoted] as const;

/** Enters what went back at a provider, so that it is not given back again. */
@Handles(ProviderReturnDue, { emits: EMITS })
export class EnterProviderReturn implements Handler<typeof ProviderReturnDue, typeof EMITS> {
  reads({ data }: Received<typeof ProviderReturnDue>): Reads {
    return { streams: [orderLedger.of(data.orderId)] };
  }

  handle({ data }: Received<typeof ProviderReturnDue>, state: DecisionState): Emission<typeof ProviderReturnNoted>[] {
    const known = state.of(orderLedger, data.orderId).returns[data.returnId] ?? 0;
    // Deliveries overtake each other, and a sum of refunds only grows.
    const amountMinor = data.returnId === REFUNDS ? Math.max(known, data.amountMinor) : data.amountMinor;
    if (amountMinor === known) return [];
    return [emit(ProviderReturnNoted, { ...data, amountMinor, notedAt: state.now.getTime() })];
  }
}
