import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { storedTraceOf } from '@towpath/kafka/headers';
import { captureMetadata, captureRow } from './event-row.fixture.js';
import { recordOf } from './record.js';
import { RelaySpans, type TracedRecord } from './relay-spans.js';

const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
const spans = new RelaySpans(provider.getTracer('spec'));
const row = captureRow({ metadata: JSON.stringify({ ...captureMetadata, tracestate: 'vendor=a1' }) });
const record = recordOf(row, new Map([[row.type, 42]]));
const send = (): TracedRecord => spans.send(record)!;

describe('the span of a row on its way to Kafka', () => {
  beforeEach(() => exporter.reset());

  it('stands between the decision that appended it and whoever reads it', () => {
    const sending = send();
    sending.settled('published');
    const [span] = exporter.getFinishedSpans();
    expect(span?.name).toBe('send payments.commands');
    expect(span?.parentSpanContext?.spanId).toBe(captureMetadata.traceparent.split('-')[2]);
    expect(sending.record.headers['traceparent']).toContain(span?.spanContext().spanId);
    expect(sending.record.headers['tracestate']).toBe('vendor=a1');
  });

  it('leaves in the record what the digest of the event covers', () => {
    const { headers } = send().record;
    expect(headers['ce_traceparent']).toBe(captureMetadata.traceparent);
    expect(headers['ce_tracestate']).toBe('vendor=a1');
    expect(headers['ce_digest']).toBe(record.headers['ce_digest']);
    expect(storedTraceOf(headers)).toEqual(storedTraceOf(record.headers));
  });

  it('is none for a row that belongs to no trace', () => {
    const { traceparent: _, ...untraced } = record.headers;
    expect(spans.send({ ...record, headers: untraced })).toBeUndefined();
    expect(exporter.getFinishedSpans()).toEqual([]);
  });

  it('is an error when the row is parked', () => {
    send().settled('parked');
    expect(exporter.getFinishedSpans()[0]?.attributes['error.type']).toBe('PARKED');
  });
});
