import { buildHeaders, parseHeaders, type MessageHeaders, storedTraceOf } from './headers.js';

const message: MessageHeaders = {
  id: 'e1',
  source: '/services/fraud',
  type: 'fraud.v1.PaymentApproved',
  time: new Date('2026-01-02T03:04:05.678Z'),
  subject: 'pi_1',
  correlationId: 'c1',
  causationId: 'e0',
  hops: 3,
  path: ['triage:1a', 'fraud:2b'],
  stream: 'payment-pi_1',
  sequence: 4,
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
};

describe('message headers', () => {
  it('are read back as they were built', () => {
    expect(parseHeaders(buildHeaders(message))).toEqual(message);
    expect(parseHeaders(buildHeaders({ ...message, late: true }))).toEqual({ ...message, late: true });
  });

  it('follow the CloudEvents Kafka binding in binary mode', () => {
    expect(buildHeaders(message)).toEqual({
      ce_id: 'e1',
      ce_source: '/services/fraud',
      ce_specversion: '1.0',
      ce_type: 'fraud.v1.PaymentApproved',
      ce_time: '2026-01-02T03:04:05.678Z',
      ce_subject: 'pi_1',
      ce_correlationid: 'c1',
      ce_causationid: 'e0',
      ce_hops: '3',
      ce_path: 'triage:1a,fraud:2b',
      ce_stream: 'payment-pi_1',
      ce_sequence: '4',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      'content-type': 'application/avro',
    });
  });

  it("start a story of their own when another team's message names none", () => {
    const parsed = parseHeaders({ ce_id: 'x', ce_source: '/other', ce_type: 't', ce_time: '2026-01-01T00:00:00Z' });
    expect(parsed).toMatchObject({ correlationId: 'x', causationId: 'x', hops: 0, path: [] });
  });

  it.each([
    ['no id', { ce_id: '' }],
    ['no type', { ce_type: '' }],
    ['a time that is none', { ce_time: 'yesterday' }],
    ['hops that are no number', { ce_hops: '1e3' }],
    ['a negative sequence', { ce_sequence: '-1' }],
  ])('are refused with %s', (_name, change) => {
    expect(() => parseHeaders({ ...buildHeaders(message), ...change })).toThrow(
      expect.objectContaining({ code: 'UNDECODABLE' }),
    );
  });
});

describe('storedTraceOf', () => {
  const [stored, relayed] = [
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01',
  ];

  it('is what the record carries, when the relay traced nothing', () => {
    expect(storedTraceOf({ traceparent: stored, tracestate: 'a=1' })).toEqual({
      traceparent: stored,
      tracestate: 'a=1',
    });
    expect(storedTraceOf({})).toEqual({});
  });

  it('is what the relay left beside its own span, when it did', () => {
    const headers = { traceparent: relayed, tracestate: 'a=1', ce_traceparent: stored };
    expect(storedTraceOf({ ...headers, ce_tracestate: 'a=1' })).toEqual({ traceparent: stored, tracestate: 'a=1' });
    expect(storedTraceOf(headers)).toEqual({ traceparent: stored });
  });
});
