import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { loadConfig } from '../config.js';
import { isTraced, samplerOf, tracingConfig } from './tracing-config.js';
import { startTracing } from './tracing.js';

const configOf = (env: NodeJS.ProcessEnv) => loadConfig(tracingConfig, env);
const COLLECTOR = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
const silent = pino({ level: 'silent' });

describe('tracing', () => {
  it('is off without a collector, and when it is disabled', async () => {
    expect(isTraced(configOf({}))).toBe(false);
    expect(isTraced(configOf({ ...COLLECTOR, OTEL_SDK_DISABLED: 'true' }))).toBe(false);
    expect(isTraced(configOf(COLLECTOR))).toBe(true);
    expect((await startTracing('fraud', configOf({}), silent)).tracer).toBeUndefined();
  });

  it('samples as OTEL_TRACES_SAMPLER says, by default what its sender samples', async () => {
    const named = async (name: string) => String(await samplerOf(configOf({ OTEL_TRACES_SAMPLER: name })));
    expect(await named('')).toMatch(/^ParentBased.*AlwaysOn/);
    expect(await named('always_off')).toMatch(/^AlwaysOff/);
    const some = await samplerOf(configOf({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }));
    expect(String(some)).toBe('TraceIdRatioBased{0.25}');
  });

  it('says what a protocol it can not speak should be instead', () => {
    expect(() => configOf({ ...COLLECTOR, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toThrow(
      /http\/protobuf or http\/json/,
    );
  });

  it('sends spans to the collector as protobuf, named after the service, at the latest when it is closed', async () => {
    const bodies: { type: string | undefined; text: string }[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        bodies.push({ type: request.headers['content-type'], text: Buffer.concat(chunks).toString('latin1') });
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };
    Object.assign(process.env, env);
    try {
      const tracing = await startTracing('fraud', configOf(env), silent);
      tracing.tracer?.startSpan('a span').end();
      await tracing.close();
    } finally {
      delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
    expect(bodies).toHaveLength(1);
    expect(bodies[0]?.type).toBe('application/x-protobuf');
    expect(bodies[0]?.text).toContain('service.name');
    expect(bodies[0]?.text).toContain('fraud');
    expect(bodies[0]?.text).toContain('a span');
  });
});
