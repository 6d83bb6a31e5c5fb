import type { EventRow } from './event-row.js';

/** A stored `CapturePayment` of the fraud service, as it comes through the slot; for specs. */
export function captureRow(changes: Partial<EventRow> = {}): EventRow {
  return {
    schema: 'fraud',
    position: '17',
    stream: 'payment-command-cus_1',
    version: 3,
    id: '7d9f6c1e-54f3-4a56-9a1c-2f1f1d3b0c11',
    type: 'payments.v1.CapturePayment',
    data: JSON.stringify(captureData),
    metadata: JSON.stringify(captureMetadata),
    occurredAt: '2026-01-31 12:00:00.12+00',
    digest: 'd1'.repeat(32),
    hash: 'a5'.repeat(32),
    ...changes,
  };
}

export const captureData = {
  paymentId: 'pi_1',
  accountId: 'cus_1',
  chargeId: null,
  amountMinor: 1_250,
  currency: 'EUR',
  reason: 'score below the limit',
};

export const captureMetadata = {
  correlationId: 'evt_1',
  causationId: 'evt_2',
  hops: 2,
  path: ['triage:aa', 'fraud:bb'],
  handler: 'OpenFraudCase',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
};
