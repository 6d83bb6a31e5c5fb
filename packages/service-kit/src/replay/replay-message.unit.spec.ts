import { PaymentCanceled } from '@towpath/contracts/payments/PaymentCanceled.v1';
import type { Metadata } from '@towpath/event-store/types';
import { parseHeaders } from '@towpath/kafka/headers';
import { recordOf, type StoredMessage } from './replay-message.js';

const metadata: Metadata = {
  ...{ correlationId: 'story', causationId: 'cause', hops: 2, path: ['A@1', 'B@2'], handler: 'Spec' },
  ...{ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=b', late: true },
  ...{ taint: 'untrusted', agent: 'spiffe://towpath.local/agent/support/support', proof: 'signed' },
};
const message: StoredMessage = {
  ...{ schema: 'triage', topic: 'payments.events', id: 'm1', type: PaymentCanceled.type, stream: 'payment-pi_1' },
  ...{ version: 3, data: { paymentId: 'pi_1', reason: null, canceledAt: 0 }, occurredAt: '2026-11-01T12:00:00.000Z' },
  metadata,
};

describe('a message that its producer stored', () => {
  it('comes with all that the relay would have told of it, also by which agent it was asked for and with what proof', () => {
    const { headers, key } = recordOf(message, () => 1);
    const { handler: _, ...told } = metadata;
    expect(parseHeaders(headers)).toEqual({
      ...told,
      ...{ id: 'm1', type: PaymentCanceled.type, source: '/services/triage', subject: 'pi_1' },
      ...{ stream: 'payment-pi_1', sequence: 3, time: new Date(message.occurredAt) },
    });
    expect(key?.toString()).toBe('pi_1');
  });
});
