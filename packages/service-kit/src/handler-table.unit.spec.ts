import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { DeployCompleted } from '@towpath/contracts/ops/DeployCompleted.v1';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { PaymentCanceled } from '@towpath/contracts/payments/PaymentCanceled.v1';
import { handlerTable } from './handler-table.js';
import { Handles } from './handles.js';

@Handles(ChargeSucceeded)
class First {
  handle() {
    return [];
  }
}

@Handles(ChargeSucceeded, { emits: [PaymentApproved] })
class Second {
  handle() {
    return [];
  }
}

@Handles(DeployCompleted)
class Elsewhere {
  handle() {
    return [];
  }
}

@Handles(PaymentCanceled, { mode: 'queued', concurrency: 0, timeoutMs: 0.5 })
class Unlimited {
  async work() {}
  handle() {
    return [];
  }
}

class Undecorated {}

describe('the handler table', () => {
  it('refuses at the start, all at once, what would fail at the first message', () => {
    const classes = [First, Second, Elsewhere, Unlimited, Undecorated];
    const build = (): unknown => handlerTable('egress', classes, (handler) => new handler());
    expect(build).toThrow('Second and First both handle payments.v1.ChargeSucceeded');
    expect(build).toThrow(/Elsewhere handles ops\.v1\.DeployCompleted, but services\.yaml does not let egress consume/);
    expect(build).toThrow(/Second emits fraud\.v1\.PaymentApproved, whose producers are fraud/);
    expect(build).toThrow(/Unlimited: concurrency is 0, not 1 to 256/);
    expect(build).toThrow(/Unlimited: timeoutMs is 0.5, not 1 to 86400000/);
    expect(build).toThrow(/Undecorated has no @Handles/);
  });

  it('binds each contract to its one handler', () => {
    const table = handlerTable('fraud', [Second], (handler) => new handler());
    expect([...table].map(([type, { name }]) => [type, name])).toEqual([[ChargeSucceeded.type, 'Second']]);
  });
});
