import type { WaitingMessage } from '@towpath/event-store/waiting';
import { waitingLine } from './list.js';

const plain = new Proxy({}, { get: () => (text: string) => text }) as never;
const now = new Date('2026-03-01T12:00:00.000Z');
const message: WaitingMessage = {
  ...{
    service: 'fraud',
    consumer: 'fraud',
    lane: 'inline',
    state: 'retrying',
    orderKey: 'pi_1',
    type: 'payments.v1.ChargeSucceeded',
  },
  ...{ handler: 'OpenFraudCase', eventId: 'm1', correlationId: 'story-1', attempts: 1, retries: 3 },
  ...{ nextAt: new Date('2026-03-01T12:00:01.240Z'), heldAt: now, firstFailedAt: now, lastFailedAt: now },
  ...{ lastCode: 'HANDLER_FAILED', lastPlace: 'apps/fraud/src/x.ts:3', leasedBy: null, deadLetterId: null },
};

describe('a message that waits', () => {
  it('is shown with its tries, its next and its last error', () => {
    expect(waitingLine(message, plain, now)).toBe(
      'fraud     retrying  inline  ChargeSucceeded in OpenFraudCase  key pi_1  ' +
        'failed 1 ×, retry 1/3 in 1.2 s  HANDLER_FAILED apps/fraud/src/x.ts:3  story-1',
    );
  });

  it('says what lets it go on when time does not', () => {
    const stopped = waitingLine({ ...message, state: 'stopped', nextAt: null, deadLetterId: 'd1' }, plain, now);
    expect(stopped).toContain('its key waits for dead letter d1: towpath dlq redrive or discard');
    expect(waitingLine({ ...message, state: 'behind', attempts: 0 }, plain, now)).toContain(
      'behind an earlier message',
    );
  });
});
