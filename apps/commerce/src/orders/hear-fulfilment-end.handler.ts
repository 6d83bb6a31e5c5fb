import { OrderEndDue } from '@towpath/contracts/orders/OrderEndDue.v1';
import { SagaEnded } from '@towpath/contracts/sagas/SagaEnded.v1';
import { Handles, type DecisionState, type Handler } from '@towpath/service-kit/handles';
import { remind, type Emission, type Received } from '@towpath/service-kit/message';

const EMITS = [OrderEndDue] as const;

/** The saga that fulfils orders, by its name. */
const FULFILMENT = 'order-fulfilment';

/** The fulfilment of an order ended. While a person is asked it has not: its end comes once they decided. */
@Handles(SagaEnded, { emits: EMITS })
export class HearFulfilmentEnd implements Handler<typeof SagaEnded, typeof EMITS> {
  handle({ data }: Received<typeof SagaEnded>, state: DecisionState): Emission<typeof OrderEndDue>[] {
    const { definition, key: orderId, outcome, code, endedAt } = data;
    if (definition !== FULFILMENT || outcome === 'needs_human') return [];
    // Its texts have to be read from the store, which takes a work of its own.
    return [remind(OrderEndDue, state.now, { orderId, outcome, code, endedAt })];
  }
}
