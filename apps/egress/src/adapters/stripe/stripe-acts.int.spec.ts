import { PauseSubscription } from '@towpath/contracts/billing/PauseSubscription.v1';
import { ResumeSubscription } from '@towpath/contracts/billing/ResumeSubscription.v1';
import { RetryInvoice } from '@towpath/contracts/billing/RetryInvoice.v1';
import { ChargeCard } from '@towpath/contracts/payments/ChargeCard.v1';
import { RefundCharge } from '@towpath/contracts/payments/RefundCharge.v1';
import type { Provider } from '../../provider.js';
import { SandboxProcess } from '../../sandbox-process.fixture.js';
import { effectFor, opened } from '../adapters.fixture.js';
import { stripe } from './stripe.adapter.js';

let sandbox: SandboxProcess;
let provider: Provider;
let count = 0;

beforeAll(async () => {
  sandbox = await SandboxProcess.start();
}, 30_000);
afterAll(() => sandbox.stop());
beforeEach(() => {
  provider = opened(stripe, { STRIPE_HOST: sandbox.origin, STRIPE_CALL_MS_MAX: '600' });
});
afterEach(async () => {
  await provider.close();
  await sandbox.calm();
});

const charge = (over: Partial<ChargeCard> = {}): ChargeCard => ({
  ...{ chargeRef: `order_${(count += 1)}`, accountId: `cus_${count}`, paymentMethodId: null, amountMinor: 700 },
  ...{ currency: 'EUR', description: 'spec', ...over },
});
const refundOf = ({ chargeRef, accountId }: ChargeCard, over: Partial<RefundCharge> = {}): RefundCharge => ({
  ...{ refundId: `re_${(count += 1)}`, chargeRef, paymentId: null, accountId, amountMinor: 700, currency: 'EUR' },
  ...{ reason: 'spec', ...over },
});
const effectsOn = ({ accountId, chargeRef }: ChargeCard) => {
  const acted = sandbox.acted();
  const charges = acted.filter(({ metadata }) => metadata['towpath_charge_ref'] === chargeRef);
  const payments = new Set(charges.map(({ subject }) => subject));
  expect(accountId).toMatch(/^cus_/);
  return acted.filter(({ subject }) => payments.has(subject)).map(({ action, amount }) => [action, amount]);
};

describe('a charge at Stripe', () => {
  it('takes the money once, whichever command of its name asks again', async () => {
    const asked = charge();
    const first = await provider.execute(effectFor(ChargeCard, asked));
    expect(first).toMatchObject({ kind: 'done', reference: expect.stringMatching(/^pi_/) });
    expect(await provider.execute(effectFor(ChargeCard, asked))).toEqual(first);
    expect(effectsOn(asked)).toEqual([['charge', 700]]);
  });

  it('fails with the reason of the card, and another try may go well', async () => {
    const asked = charge({ paymentMethodId: 'pm_card_visa_chargeDeclinedInsufficientFunds' });
    expect(await provider.execute(effectFor(ChargeCard, asked))).toMatchObject({
      ...{ kind: 'refused', code: 'insufficient_funds' },
    });
    const other = effectFor(ChargeCard, { ...asked, paymentMethodId: 'pm_card_visa' });
    expect(await provider.execute(other)).toMatchObject({ kind: 'done' });
  });

  it('is refused for an account without a card', async () => {
    const result = await provider.execute(effectFor(ChargeCard, charge({ accountId: 'cus_nocard' })));
    expect(result).toMatchObject({ kind: 'refused', code: 'NO_PAYMENT_METHOD' });
  });

  it('is found by a probe when its answer was lost, and only when it was made', async () => {
    const effect = effectFor(ChargeCard, charge());
    expect(await provider.probe(effect)).toMatchObject({ kind: 'not-done' });
    await sandbox.put('/sandbox/behaviour', { action: 'charge', actThenHang: true });
    expect(await provider.execute(effect)).toMatchObject({ kind: 'unknown' });
    expect(await provider.probe(effect)).toMatchObject({ kind: 'done', reference: expect.stringMatching(/^pi_/) });
  });
});

describe('a refund of a charge at Stripe', () => {
  it('finds the charge by its name and goes in parts, never beyond what was taken', async () => {
    const asked = charge();
    await provider.execute(effectFor(ChargeCard, asked));
    for (const amountMinor of [300, 400])
      expect(await provider.execute(effectFor(RefundCharge, refundOf(asked, { amountMinor })))).toMatchObject({
        ...{ kind: 'done', reference: expect.stringMatching(/^re_/) },
      });
    const beyond = effectFor(RefundCharge, refundOf(asked, { amountMinor: 1 }));
    expect(await provider.execute(beyond)).toMatchObject({ kind: 'unknown', code: 'charge_already_refunded' });
    expect(await provider.probe(beyond)).toMatchObject({ kind: 'impossible', code: 'charge_already_refunded' });
    expect(effectsOn(asked)).toEqual([
      ['charge', 700],
      ['refund', 300],
      ['refund', 400],
    ]);
  });

  it('goes once per name, though a second command asks for it, and lets the charge be made anew', async () => {
    const asked = charge();
    await provider.execute(effectFor(ChargeCard, asked));
    for (const [name, amountMinor] of [
      ['part', 300],
      ['part', 300],
      ['rest', 400],
    ] as const) {
      const refund = refundOf(asked, { refundId: `${name}_${asked.chargeRef}`, amountMinor });
      expect(await provider.execute(effectFor(RefundCharge, refund))).toMatchObject({ kind: 'done' });
      expect(await provider.probe(effectFor(RefundCharge, refund))).toMatchObject({ kind: 'done' });
    }
    await provider.execute(effectFor(ChargeCard, asked));
    expect(effectsOn(asked)).toEqual([
      ['charge', 700],
      ['refund', 300],
      ['refund', 400],
      ['charge', 700],
    ]);
  });

  it('is done when nothing was charged', async () => {
    const result = await provider.execute(effectFor(RefundCharge, refundOf(charge())));
    expect(result).toEqual({ kind: 'done', reference: 'nothing-charged' });
  });

  it('is found by a probe when its answer was lost', async () => {
    const asked = charge();
    await provider.execute(effectFor(ChargeCard, asked));
    const effect = effectFor(RefundCharge, refundOf(asked, { amountMinor: 100 }));
    expect(await provider.probe(effect)).toMatchObject({ kind: 'not-done' });
    await sandbox.put('/sandbox/behaviour', { action: 'refund', actThen500: true });
    expect(await provider.execute(effect)).toMatchObject({ kind: 'unknown' });
    expect(await provider.probe(effect)).toMatchObject({ kind: 'done' });
  });
});

describe('subscriptions and invoices at Stripe', () => {
  const about = { accountId: 'cus_1', reason: 'spec' };

  it('pauses and resumes a subscription, and a probe tells which', async () => {
    const asked = { subscriptionId: `sub_${(count += 1)}`, ...about };
    const [pause, resume] = [effectFor(PauseSubscription, asked), effectFor(ResumeSubscription, asked)];
    expect(await provider.probe(pause)).toMatchObject({ kind: 'not-done' });
    expect(await provider.execute(pause)).toEqual({ kind: 'done', reference: asked.subscriptionId });
    expect(await provider.probe(pause)).toMatchObject({ kind: 'done' });
    expect(await provider.probe(resume)).toMatchObject({ kind: 'not-done' });
    await provider.execute(resume);
    expect(await provider.probe(resume)).toMatchObject({ kind: 'done' });
  });

  it('collects an invoice once, and a paid one is done', async () => {
    const asked = { invoiceId: `in_${(count += 1)}`, paymentMethodId: null, ...about };
    for (let time = 0; time < 2; time += 1)
      expect(await provider.execute(effectFor(RetryInvoice, asked))).toEqual({
        kind: 'done',
        reference: asked.invoiceId,
      });
    expect(sandbox.acted().filter(({ subject }) => subject === asked.invoiceId)).toHaveLength(1);
  });

  it('tells why an invoice could not be collected', async () => {
    const asked = { invoiceId: `in_${(count += 1)}`, paymentMethodId: null, ...about };
    const fate = { failNext: 1, failStatus: 402, failCode: 'expired_card' };
    await sandbox.put('/sandbox/behaviour', { action: 'pay-invoice', match: asked.invoiceId, ...fate });
    const effect = effectFor(RetryInvoice, asked);
    expect(await provider.execute(effect)).toMatchObject({ kind: 'refused', code: 'expired_card' });
    expect(await provider.probe(effect)).toMatchObject({ kind: 'not-done' });
  });
});
