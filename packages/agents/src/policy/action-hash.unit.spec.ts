import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import fc from 'fast-check';
import { actionHash, commandHash, isStale, type ProposedAction } from './action-hash.js';

const act: ProposedAction = {
  action: 'payments.v1.RefundPayment',
  arguments: { paymentId: 'pi_1', amountMinor: 500, currency: 'EUR' },
  evidence: { 'payment-pi_1': 4, rules: 'v1' },
};

describe('actionHash', () => {
  it('is the SHA-256 of the RFC 8785 form, so that others can check it', () => {
    // printf '%s' '{"action":"a","arguments":{"x":1},"evidence":{}}' | sha256sum
    expect(actionHash({ action: 'a', arguments: { x: 1 }, evidence: {} })).toBe(
      'c0fd3f0c5280d775b505815155ccc254664b0959326ce58b49650ed0c922364a',
    );
  });

  it('does not depend on the order of members', () => {
    const reordered = { arguments: { currency: 'EUR', amountMinor: 500, paymentId: 'pi_1' } };
    expect(actionHash({ ...act, ...reordered })).toBe(actionHash(act));
  });

  it('is another one when any argument, the action or any evidence differs', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.nat(), fc.nat(), (one, other, before, after) => {
        const hashOf = (value: unknown, version: number) =>
          actionHash({ action: 'a', arguments: { value }, evidence: { stream: version } });
        const same = JSON.stringify(one) === JSON.stringify(other) && before === after;
        if (same) expect(hashOf(one, before)).toBe(hashOf(other, after));
        if (before !== after) expect(hashOf(one, before)).not.toBe(hashOf(one, after));
      }),
    );
    expect(actionHash({ ...act, action: 'payments.v1.CapturePayment' })).not.toBe(actionHash(act));
    expect(actionHash({ ...act, arguments: { ...act.arguments, amountMinor: 501 } })).not.toBe(actionHash(act));
  });

  it('calls an approval stale once the evidence moved on', () => {
    const approved = actionHash(act);
    expect(isStale(approved, act)).toBe(false);
    expect(isStale(approved, { ...act, evidence: { ...act.evidence, 'payment-pi_1': 5 } })).toBe(true);
  });

  it('refuses arguments that JSON can not hold', () => {
    expect(() => actionHash({ ...act, arguments: { amountMinor: Number.NaN } })).toThrow(TypeError);
  });
});

describe('commandHash', () => {
  it('covers the type and every field', () => {
    const data = {
      paymentId: 'pi_1',
      accountId: 'cus_1',
      chargeId: null,
      amountMinor: 1,
      currency: 'EUR',
      reason: 'fraud',
    };
    const hash = commandHash(RefundPayment, data);
    for (const changed of [{ paymentId: 'pi_2' }, { accountId: 'cus_2' }, { chargeId: 'ch_1' }, { amountMinor: 2 }]) {
      expect(commandHash(RefundPayment, { ...data, ...changed })).not.toBe(hash);
    }
  });
});
