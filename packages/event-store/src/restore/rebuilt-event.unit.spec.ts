import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import fc from 'fast-check';
import { digestOf } from '../chain.js';
import type { DomainEvent, Metadata } from '../types.js';
import { rebuildEvent, type RecordAttributes } from './rebuilt-event.js';

const metadata: Metadata = {
  correlationId: 'evt_1',
  causationId: 'evt_2',
  hops: 2,
  path: ['RouteDelivery@0a1b2c3d', 'OpenFraudCase@4e5f6a7b'],
  handler: 'OpenFraudCase',
};

function event(data: object, changes: Partial<Metadata> = {}): DomainEvent {
  const id = '7d9f6c1e-54f3-4a56-9a1c-2f1f1d3b0c11';
  const occurredAt = new Date('2026-01-31T12:00:00.120Z');
  return {
    id,
    stream: 'review-r1',
    type: ReviewRequested.type,
    data,
    metadata: { ...metadata, ...changes },
    occurredAt,
  };
}

/** What the record of an event says, as the relay writes it. */
function recordOf({ id, stream, type, metadata: told, occurredAt: time, ...rest }: DomainEvent): RecordAttributes {
  const { correlationId, causationId, hops, path = [], traceparent } = told;
  const digest = digestOf({ id, stream, type, metadata: told, occurredAt: time, ...rest }).toString('hex');
  return {
    id,
    type,
    stream,
    time,
    correlationId,
    causationId,
    hops,
    path,
    ...(traceparent && { traceparent }),
    digest,
  };
}

const full = { reviewId: 'r1', subjectType: 'payment', subjectId: 'pi_1', reason: 'high', dueAt: null };

describe('an event made again from its record', () => {
  it('is the one that its store had, whatever it holds', () => {
    const texts = fc.record({
      reviewId: fc.uuid(),
      subjectType: fc.string(),
      subjectId: fc.string(),
      reason: fc.string({ unit: 'grapheme' }),
    });
    fc.assert(
      fc.property(texts, fc.option(fc.nat()), (data, dueAt) => {
        const one = event({ ...data, dueAt });
        expect(rebuildEvent(recordOf(one), ReviewRequested, { ...data, dueAt })).toEqual(one);
      }),
    );
  });

  it.each([
    ['a late decision', event(full, { late: true })],
    ['a field with a default that was left out', event({ ...full, dueAt: undefined })],
    ['a trace', event(full, { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' })],
  ])('knows %s although no header says so', (_, one) => {
    const found = rebuildEvent(recordOf(one), ReviewRequested, full);
    expect(found && digestOf(found).toString('hex')).toBe(recordOf(one).digest);
  });

  it('is known when its contract got fields after it was stored, whatever defaults it had', () => {
    const added = {
      service: null,
      agent: null,
      personId: '',
      proposedText: null,
      choices: [],
      roles: [],
      slaMinutes: null,
    };
    const more = { runId: null, action: null, actionHash: null, evidence: null, amountMinor: null, currency: null };
    const one = event(full);
    expect(rebuildEvent(recordOf(one), ReviewRequested, { ...full, ...added, ...more })).toEqual(one);
  });

  it.each([
    ['its data', {}, { ...full, reason: 'low' }],
    ['its id', { id: '7d9f6c1e-54f3-4a56-9a1c-2f1f1d3b0c12' }, full],
    ['its time', { time: new Date(0) }, full],
    ['its story', { correlationId: 'evt_9' }, full],
    ['its path', { path: ['OpenFraudCase@4e5f6a7b'] }, full],
  ])('is none once %s differs from what its store had', (_, changes, data) => {
    expect(rebuildEvent({ ...recordOf(event(full)), ...changes }, ReviewRequested, data)).toBeUndefined();
  });
});
