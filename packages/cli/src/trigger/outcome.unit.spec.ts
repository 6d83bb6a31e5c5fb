import type { InspectedRecord } from '@towpath/kafka/inspect';
import { OutcomeCollector, type Awaited } from './outcome.js';

const record = (type: string, story: string, subject = ''): InspectedRecord => ({
  topic: 't',
  partition: 0,
  offset: '0',
  timestamp: 5,
  key: null,
  value: null,
  rawHeaders: {},
  headers: { ce_type: type, ce_correlationid: story, ce_subject: subject },
  type,
  size: 0,
  headerList: [],
  data: {},
});
const charge: Awaited = { deliveryId: 'd1', paymentId: 'pi_1', decides: true };
const collected = (records: InspectedRecord[], awaited: Awaited, late = false) => {
  const collector = new OutcomeCollector<Awaited>(() => undefined);
  if (!late) collector.expect(awaited);
  for (const one of records) collector.take(one);
  if (late) collector.expect(awaited);
  return collector.found.get(awaited.deliveryId)?.decision;
};

describe('outcomes of triggered deliveries', () => {
  it('are the decision about the payment, not what comes before it', () => {
    const records = [
      record('webhooks.v1.WebhookReceived', 'd1', 'pi_1'),
      record('payments.v1.ChargeSucceeded', 'd1', 'pi_1'),
      record('fraud.v1.PaymentBlocked', 'd1', 'pi_1'),
    ];
    expect(collected(records, charge)).toBe('blocked');
  });

  it('are found when the platform was faster than its answer', () => {
    expect(collected([record('fraud.v1.PaymentApproved', 'd1', 'pi_1')], charge, true)).toBe('approved');
  });

  it('are found when another delivery of the payment brought the decision', () => {
    expect(collected([record('fraud.v1.PaymentHeldForReview', 'd2', 'pi_1')], charge)).toBe('held for review');
  });

  it('are refusals, too', () => {
    expect(collected([record('triage.v1.DeliveryRefused', 'd1')], charge)).toBe('DeliveryRefused');
  });

  it('are the first event that comes of a delivery that decides nothing', () => {
    const records = [record('webhooks.v1.WebhookReceived', 'd1'), record('ops.v1.DeployCompleted', 'd1')];
    expect(collected(records, { deliveryId: 'd1', paymentId: undefined, decides: false })).toBe('DeployCompleted');
  });

  it('are not those of other stories', () => {
    expect(collected([record('fraud.v1.PaymentApproved', 'd9', 'pi_9')], charge)).toBeUndefined();
  });
});
