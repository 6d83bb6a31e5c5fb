import { decode } from '@towpath/contracts/codec';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { unframe } from '@towpath/kafka/wire';
import type { EventRow } from './event-row.js';
import { captureData, captureMetadata, captureRow } from './event-row.fixture.js';
import { recordOf } from './record.js';
import type { Refusal } from './refusal.js';

const ids = new Map([
  [CapturePayment.type, 42],
  [DeadLettered.type, 43],
  ['fraud.v1.ContextDeadlinePassed', 44],
]);

function refusalOf(row: EventRow, schemaIds: ReadonlyMap<string, number> = ids): string {
  try {
    recordOf(row, schemaIds);
  } catch (error) {
    return (error as Refusal).code;
  }
  return 'published';
}

describe('recordOf', () => {
  it('keys and routes by the contract and frames the Avro value with the stored schema id', () => {
    const record = recordOf(captureRow(), ids);
    expect(record.topic).toBe('payments.commands');
    expect(record.key).toBe('cus_1');
    const { schemaId, payload } = unframe(record.value);
    expect(schemaId).toBe(42);
    expect(decode(CapturePayment, payload)).toEqual(captureData);
  });

  it('maps the row to the CloudEvents headers', () => {
    expect(recordOf(captureRow(), ids).headers).toEqual({
      ce_id: '7d9f6c1e-54f3-4a56-9a1c-2f1f1d3b0c11',
      ce_source: '/services/fraud',
      ce_specversion: '1.0',
      ce_type: 'payments.v1.CapturePayment',
      ce_time: '2026-01-31T12:00:00.120Z',
      ce_subject: 'cus_1',
      ce_correlationid: 'evt_1',
      ce_causationid: 'evt_2',
      ce_hops: '2',
      ce_path: 'triage:aa,fraud:bb',
      ce_stream: 'payment-command-cus_1',
      ce_sequence: '3',
      ce_digest: 'd1'.repeat(32),
      ce_hash: 'a5'.repeat(32),
      traceparent: captureMetadata.traceparent,
      'content-type': 'application/avro',
    });
  });

  it('says of a late decision that it is one', () => {
    const metadata = JSON.stringify({ ...captureMetadata, late: true });
    expect(recordOf(captureRow({ metadata }), ids).headers['ce_late']).toBe('true');
  });

  it('takes the source from the schema, whatever the row claims', () => {
    const claims = { ...captureMetadata, source: '/services/fraud', ce_source: '/services/fraud' };
    const dead = captureRow({
      schema: 'triage',
      type: DeadLettered.type,
      metadata: JSON.stringify(claims),
      data: JSON.stringify(deadLetter),
    });
    const record = recordOf(dead, ids);
    expect(record.headers['ce_source']).toBe('/services/triage');
    expect(record.topic).toBe('triage.dead-letters');
    // Kafka Connect's tools find what they look for, and nothing that was sealed.
    expect(record.headers).toMatchObject({
      '__connect.errors.topic': 'aGk=',
      '__connect.errors.offset': 'aGk=',
      '__connect.errors.connector.name': 'triage',
      '__connect.errors.exception.class.name': 'aGk=',
      '__connect.errors.exception.message': 'aGk=',
    });
  });

  it.each([
    ['2026-01-31 12:00:00+00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31 12:00:00.000999+00', '2026-01-31T12:00:00.000Z'],
  ])('writes the time %s in milliseconds', (text, expected) => {
    expect(recordOf(captureRow({ occurredAt: text }), ids).headers['ce_time']).toBe(expected);
  });

  it('refuses a type of a service that is not among its producers', () => {
    expect(refusalOf(captureRow({ schema: 'triage' }))).toBe('PRODUCER_NOT_ALLOWED');
  });

  it('refuses a type it does not know', () => {
    expect(refusalOf(captureRow({ type: 'payments.v1.Unheard' }))).toBe('CONTRACT_UNKNOWN');
  });

  it('refuses an internal type even when the publication let it through', () => {
    expect(refusalOf(captureRow({ type: 'fraud.v1.ContextDeadlinePassed' }))).toBe('CONTRACT_INTERNAL');
  });

  it('refuses a type without a stored schema id', () => {
    expect(refusalOf(captureRow(), new Map())).toBe('SCHEMA_ID_MISSING');
  });

  it('refuses data that Avro can not write', () => {
    const data = JSON.stringify({ ...captureData, amountMinor: 'a lot' });
    expect(refusalOf(captureRow({ data }))).toBe('DATA_INVALID');
  });

  it('refuses data without their key', () => {
    const data = JSON.stringify({ ...captureData, accountId: '' });
    expect(refusalOf(captureRow({ data }))).toBe('KEY_MISSING');
  });

  it('refuses what is larger than its topic takes', () => {
    const data = JSON.stringify({ ...captureData, reason: 'x'.repeat(300_000) });
    expect(refusalOf(captureRow({ data }))).toBe('TOO_LARGE');
  });
});

const deadLetter = Object.fromEntries(
  (DeadLettered.schema as { fields: { name: string; type: unknown }[] }).fields.map(({ name, type }) => [
    name,
    sampleOf(type),
  ]),
);

function sampleOf(type: unknown): unknown {
  if (type === 'int' || type === 'long') return 1;
  if (type === 'boolean') return false;
  if (Array.isArray(type)) return null;
  if (typeof type === 'object') return [];
  return 'aGk=';
}
