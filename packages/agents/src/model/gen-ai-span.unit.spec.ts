import { trace, type Span, type SpanOptions, type TracerProvider } from '@opentelemetry/api';
import { failureOf, GatewayWorld, question } from './gateway.fixture.js';

interface Told {
  readonly name: string;
  readonly attributes: Record<string, unknown>;
  status?: number;
  ended?: boolean;
}

const spans: Told[] = [];

/** Remembers what spans are told; the API's own interface, without an SDK. */
const provider: TracerProvider = {
  getTracer: () => ({
    startSpan(name: string, options: SpanOptions = {}) {
      const told: Told = { name, attributes: { ...options.attributes } };
      spans.push(told);
      const span: Partial<Span> = {
        spanContext: () => ({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }),
        setAttribute: (key, value) => (Object.assign(told.attributes, { [key]: value }), span as Span),
        setAttributes: (more) => (Object.assign(told.attributes, more), span as Span),
        setStatus: ({ code }) => ((told.status = code), span as Span),
        end: () => void (told.ended = true),
      };
      return span as Span;
    },
    startActiveSpan: () => undefined as never,
  }),
};

let world: GatewayWorld;
beforeEach(async () => {
  spans.splice(0);
  trace.setGlobalTracerProvider(provider);
  world = await GatewayWorld.start();
});
afterEach(async () => {
  trace.disable();
  await world.stop();
});

const exchangeSpan = () => spans.find(({ name }) => name.startsWith('chat '));

describe('the span of an exchange', () => {
  it('has the names of the conventions for generative AI, and ends with what it cost', async () => {
    const { costMicros, usage } = await (await world.gateway()).complete(question());
    expect(exchangeSpan()).toMatchObject({ name: 'chat gpt-4.1-mini', ended: true });
    expect(exchangeSpan()!.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4.1-mini',
      'gen_ai.response.model': 'gpt-4.1-mini-2026-01-01',
      'gen_ai.agent.name': 'judge',
      'gen_ai.usage.input_tokens': usage.inputTokens,
      'gen_ai.usage.output_tokens': usage.outputTokens,
      'server.address': '127.0.0.1',
      'towpath.model.cost_micros': costMicros,
    });
  });

  it('says how it failed', async () => {
    world.model.behave('wrong-json');
    await failureOf((await world.gateway()).complete(question()));
    expect(exchangeSpan()).toMatchObject({ status: 2, ended: true, attributes: { 'error.type': 'MODEL_OFF_SCHEMA' } });
  });

  it('holds no word of prompt or answer', async () => {
    const canary = 'canary-4711';
    world.model.script('verdict', () => ({ verdict: 'review', confidence: 1, reasons: [canary] }));
    const parts = [{ label: 'ticket', text: canary, taint: 'untrusted' as const }];
    await (await world.gateway()).complete(question({ parts, instructions: { version: '1', text: canary } }));
    expect(spans.length).toBeGreaterThan(0);
    expect(JSON.stringify(spans)).not.toContain(canary);
  });
});
