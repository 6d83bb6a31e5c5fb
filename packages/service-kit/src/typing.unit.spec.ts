import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { Handles, handlerEntries } from './handles.js';
import { emit, type Received } from './message.js';

const money = {
  paymentId: 'pi_1',
  accountId: 'cus_1',
  chargeId: null,
  amountMinor: 1,
  currency: 'EUR',
  reason: 'test',
};

@Handles(ChargeSucceeded, { emits: [CapturePayment] })
class Captures {
  handle() {
    return [emit(CapturePayment, money)];
  }
}

// @ts-expect-error the class handles another contract than it is registered for
@Handles(ChargeSucceeded)
class HandlesAnother {
  handle(_message: Received<typeof PaymentFailed>) {
    return [];
  }
}

// @ts-expect-error the class returns a message it did not declare, although its fields are the same
@Handles(ChargeSucceeded, { emits: [CancelPayment] })
class EmitsAnother {
  handle() {
    return [emit(CapturePayment, money)];
  }
}

// @ts-expect-error a queued handler has work
@Handles(ChargeSucceeded, { mode: 'queued' })
class HasNoWork {
  handle() {
    return [];
  }
}

// @ts-expect-error only a queued handler has workers
@Handles(ChargeSucceeded, { concurrency: 3 })
class HasNoQueue {
  handle() {
    return [];
  }
}

describe('@Handles', () => {
  it('does not compile with a wrong contract, mode or returned message, and registers a right one', () => {
    // @ts-expect-error a field is missing
    emit(CapturePayment, { paymentId: 'pi_1' });
    expect([HandlesAnother, EmitsAnother, HasNoWork, HasNoQueue]).toHaveLength(4);
    expect(handlerEntries(Captures)).toMatchObject([{ name: 'Captures', contract: { name: 'ChargeSucceeded' } }]);
  });
});
