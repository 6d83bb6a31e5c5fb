import { hostname } from 'node:os';
import { context, diag, DiagLogLevel, trace, type Tracer } from '@opentelemetry/api';
import type { SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Logger } from '../logger.js';
import { isTraced, samplerOf, type TracingConfig } from './tracing-config.js';

const SCOPE = 'towpath';
/** Spans are sent together so often. */
const EXPORT_MS = 1_000;
/** Above it spans are dropped, and counted: a collector that is away must not take memory. */
const QUEUE_MAX = 8_192;

/** The service's tracer; without one nothing is recorded, and what traces cost is a look at `undefined`. */
export class Tracing {
  /** for services that trace nothing */
  static readonly off = new Tracing(undefined, undefined);

  constructor(
    readonly tracer: Tracer | undefined,
    private readonly provider: Pick<TracerProvider, 'shutdown'> | undefined,
  ) {}

  /** Sends what was recorded. A collector that does not answer takes no part of what a stop may take: it is given up. */
  async close(): Promise<void> {
    const given = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS_MAX).unref());
    await Promise.race([this.provider?.shutdown().catch(() => undefined), given]);
  }
}

const CLOSE_MS_MAX = 2_000;

/**
 * Starts OpenTelemetry for this process when the standard variables name a collector. The SDK is loaded only then. Spans go
 * by OTLP over HTTP; the exporter reads `OTEL_EXPORTER_OTLP_*` itself.
 */
export async function startTracing(service: string, config: TracingConfig, logger: Logger): Promise<Tracing> {
  if (!isTraced(config)) return Tracing.off;
  const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
  const { W3CTraceContextPropagator } = await import('@opentelemetry/core');
  const { detectResources, envDetector, resourceFromAttributes } = await import('@opentelemetry/resources');
  const { BatchSpanProcessor, TracerProvider: Provider } = await import('@opentelemetry/sdk-trace');
  const { propagation } = await import('@opentelemetry/api');
  diag.setLogger(diagnostics(logger), DiagLogLevel.WARN);
  const named = resourceFromAttributes({
    'service.namespace': 'towpath',
    'service.name': service,
    'service.instance.id': `${hostname()}/${process.pid}`,
  });
  const exporter = await exporterOf(config);
  const provider = new Provider({
    resource: detectResources({ detectors: [envDetector] }).merge(named),
    sampler: await samplerOf(config),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: EXPORT_MS, maxQueueSize: QUEUE_MAX })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  // Libraries such as the outbound client find it here.
  trace.setGlobalTracerProvider(provider);
  return new Tracing(provider.getTracer(SCOPE), provider);
}

async function exporterOf({ OTEL_EXPORTER_OTLP_PROTOCOL: protocol }: TracingConfig): Promise<SpanExporter> {
  const { OTLPTraceExporter } =
    protocol === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
}

/** What the SDK complains of, such as a collector that is away, once a minute at most. */
function diagnostics(logger: Logger) {
  let saidMs = -Infinity;
  const say = (message: string): void => {
    if (performance.now() - saidMs < SAY_MS) return;
    saidMs = performance.now();
    logger.warn({ reason: message.slice(0, 500) }, 'tracing.failed');
  };
  const silent = (): void => undefined;
  return { error: say, warn: say, info: silent, debug: silent, verbose: silent };
}

const SAY_MS = 60_000;
