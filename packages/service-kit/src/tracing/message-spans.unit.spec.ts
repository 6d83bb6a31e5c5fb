import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace';
import type { InboundRecord } from '@towpath/kafka/record';
import { Permanent } from '../permanent.js';
import type { Item } from '../pipeline/item.js';
import { itemOf, processorOn, recordWhatIsSeen, RecordingStore, type Decide } from '../pipeline/pipeline.fixture.js';
import { MessageSpans, tracedBy } from './message-spans.js';

const SENT = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', tracestate: 'vendor=a1' };

function tracing() {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const spans = new MessageSpans('fraud', provider.getTracer('spec'));
  const begun = (item: Item): Item => {
    const span = spans.process({ topic: 'payments.events' }, SENT, item.handler.name);
    return { ...item, span, message: tracedBy(span, item.message) };
  };
  const ended = (name: string): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.name === name);
  return { spans, begun, ended };
}

const failing: Decide = () => {
  throw new Permanent('BROKEN', 'cus_secret can not be read');
};

describe('the spans of a message', () => {
  it('put what it decides under the work on it, with the tracestate it came with', async () => {
    const { spans, begun, ended } = tracing();
    const store = new RecordingStore();
    await processorOn(store, { spans }).process([begun(itemOf('e1', 'pi_1'))]);
    const [work] = ended('process payments.events');
    const { spanId } = work!.spanContext();
    expect(work?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
    expect(store.commits[0]?.events?.[0]?.metadata).toMatchObject({
      traceparent: `00-4bf92f3577b34da6a3ce929d0e0e4736-${spanId}-01`,
      tracestate: 'vendor=a1',
    });
  });

  it('tell what became of it', async () => {
    const { spans, begun, ended } = tracing();
    const processor = processorOn(new RecordingStore(), { spans });
    const items = [itemOf('e1', 'pi_1'), itemOf('e1', 'pi_1'), itemOf('e2', 'pi_2', failing)];
    await processor.process(items.map(begun));
    const outcomes = ended('process payments.events').map(({ attributes }) => attributes['towpath.outcome']);
    expect(outcomes.sort()).toEqual(['dead-letter', 'decided', 'repeat']);
    const failed = ended('process payments.events').find(({ attributes }) => attributes['error.type']);
    expect(failed?.attributes['error.type']).toBe('BROKEN');
    expect(JSON.stringify([failed?.attributes, failed?.status, failed?.events])).not.toContain('cus_secret');
  });

  it('show a transaction that many messages share in the trace of each', async () => {
    const { spans, begun, ended } = tracing();
    const items = ['e1', 'e2', 'e3'].map((id) => begun(itemOf(id, `pi_${id}`, recordWhatIsSeen)));
    await processorOn(new RecordingStore(), { spans }).process(items);
    const parents = ended('commit_group').map(({ parentSpanContext }) => parentSpanContext?.spanId);
    expect(parents.sort()).toEqual(items.map(({ span }) => span!.spanContext().spanId).sort());
    expect(ended('commit_group')[0]?.attributes['db.operation.batch.size']).toBe(3);
  });

  it('are none, and the trace is carried on as it came, when nothing is traced', async () => {
    const store = new RecordingStore();
    const item = itemOf('e1', 'pi_1');
    await processorOn(store).process([{ ...item, message: { ...item.message, ...SENT } }]);
    expect(store.commits[0]?.events?.[0]?.metadata).toMatchObject(SENT);
  });

  it('name the batch of each topic once, with a link to every message in it', () => {
    const { spans, ended } = tracing();
    const record = (topic: string) => ({ topic, headers: SENT }) as unknown as InboundRecord;
    const batches = spans.receive([record('a.events'), record('b.events'), record('a.events')]);
    expect([...batches.keys()]).toEqual(['a.events', 'b.events']);
    const [batch] = ended('receive a.events');
    expect(batch?.attributes['messaging.batch.message_count']).toBe(2);
    expect(batch?.links.map(({ context }) => context.spanId)).toEqual(['00f067aa0ba902b7', '00f067aa0ba902b7']);
  });

  it('hold the hash of a key, never the key', () => {
    const { spans } = tracing();
    const span = spans.process({ topic: 't', key: Buffer.from('cus_1') }, SENT, 'X') as unknown as ReadableSpan;
    expect(span.attributes['messaging.kafka.message.key']).toMatch(/^[0-9a-f]{8}$/);
  });
});
