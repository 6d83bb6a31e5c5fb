import type { SagaDefinition } from '@towpath/sagas/definition';
import { echoSaga } from './echo.saga.js';
import { orderFulfilment } from './order-fulfilment.saga.js';
import { paymentRecovery } from './payment-recovery.saga.js';
import { refund } from './refund.saga.js';

/**
 * Every definition that runs, older versions as long as instances may run that began with them. A version is never changed: what
 * follows from the same answers has to stay the same for a running instance. `histories/` holds it to that.
 */
export const definitions: readonly SagaDefinition[] = [echoSaga, orderFulfilment, refund, paymentRecovery];
