import { all, contractOf, contractsProducedBy, isContract } from './catalogue.js';
import { keyOf, streamOf, topicOf } from './contract.js';
import { ChargeSucceeded } from './generated/payments/ChargeSucceeded.v1.js';
import { DeadLettered } from './generated/platform/DeadLettered.v1.js';

describe('the catalogue', () => {
  it('gives the contract of a type', () => {
    expect(contractOf('payments.v1.ChargeSucceeded')).toBe(ChargeSucceeded);
    expect(isContract('payments.v1.ChargeSucceeded')).toBe(true);
    expect(isContract('payments.v9.ChargeSucceeded')).toBe(false);
  });

  it('names what is alike when a type is unknown', () => {
    expect(() => contractOf('payments.v9.ChargeSucceeded')).toThrow(
      expect.objectContaining({
        code: 'CONTRACT_UNKNOWN',
        message: expect.stringContaining('payments.v1.ChargeSucceeded'),
      }),
    );
  });

  it('lists every contract once, by type', () => {
    const types = all().map(({ type }) => type);
    expect(types).toEqual([...new Set(types)].sort());
  });

  it('lets a service produce its own contracts and those of the platform, and no others', () => {
    const types = contractsProducedBy('fraud').map(({ type }) => type);
    expect(types).toEqual(
      expect.arrayContaining(['fraud.v1.PaymentApproved', 'payments.v1.CapturePayment', 'platform.v1.DeadLettered']),
    );
    expect(types).not.toContain('payments.v1.ChargeSucceeded');
  });
});

describe('a contract', () => {
  it('says stream, key and topic of a message', () => {
    const data = { paymentId: 'pi_1' };
    expect(streamOf(ChargeSucceeded, data)).toBe('payment-pi_1');
    expect(keyOf(ChargeSucceeded, data)).toBe('pi_1');
    expect(topicOf(DeadLettered, 'fraud')).toBe('fraud.dead-letters');
  });
});
