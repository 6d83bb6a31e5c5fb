import { context, propagation, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { templateOf } from './call-span.js';
import { OutboundClient } from './outbound-client.js';
import { policyFor, TestServer } from './test-server.fixture.js';

const exporter = new InMemorySpanExporter();
let target: TestServer;
let outbound: OutboundClient;
let status = 200;
let seen: (string | undefined)[] = [];

beforeAll(async () => {
  target = await TestServer.start((request, response) => {
    // Never answers, so that what came first is no matter of speed.
    if (request.url === '/silent') return;
    seen.push(request.headers['traceparent'] as string | undefined);
    response.writeHead(status).end('{}');
  });
  outbound = new OutboundClient(policyFor(target.origin));
});
beforeEach(() => {
  seen = [];
  status = 200;
  exporter.reset();
});
afterEach(() => {
  trace.disable();
  propagation.disable();
});
afterAll(async () => {
  await outbound.close();
  await target.stop();
});

function traced(): void {
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
}

const call = () => outbound.request({ method: 'POST', url: `${target.origin}/v1/charges/ch_9x/capture?email=a@b` });

describe('the span of a call', () => {
  it('is what the provider is told as its parent', async () => {
    traced();
    await call();
    const [span] = exporter.getFinishedSpans();
    const { traceId, spanId } = span!.spanContext();
    expect(seen).toEqual([`00-${traceId}-${spanId}-01`]);
    expect(span?.name).toBe('POST /v1/charges/{id}/capture');
    expect(span?.attributes).toMatchObject({ 'http.response.status_code': 200, 'peer.service': 'test' });
  });

  it('holds neither ids nor the query', async () => {
    traced();
    await call();
    const [span] = exporter.getFinishedSpans();
    expect(JSON.stringify(span?.attributes)).not.toMatch(/ch_9x|a@b|email/);
  });

  it('says how a call failed', async () => {
    traced();
    status = 402;
    await call();
    await context
      .with(context.active(), () => outbound.request({ method: 'GET', url: `${target.origin}/silent`, timeoutMs: 20 }))
      .catch(() => undefined);
    expect(exporter.getFinishedSpans().map(({ attributes }) => attributes['error.type'])).toEqual(['402', 'TIMEOUT']);
  });

  it('is none, and no header is added, while nothing is traced', async () => {
    await call();
    expect(seen).toEqual([undefined]);
  });
});

describe('templateOf', () => {
  it('leaves words and versions and takes out what could be an id', () => {
    expect(templateOf('/v1/payment_intents/pi_3Nabc/cancel')).toBe('/v1/payment_intents/{id}/cancel');
    expect(templateOf('/v1/accounts/acct_1')).toBe('/v1/accounts/{id}');
    expect(templateOf('/users/a%40b.c')).toBe('/users/{id}');
    expect(templateOf('/')).toBe('/');
  });
});
