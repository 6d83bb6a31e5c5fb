import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Type } from '@nestjs/common';
import type { z } from 'zod';
import { loadConfig, redacted, type baseConfig } from './config.js';
import { addHealthRoutes } from './health-routes.js';
import { IdleMemory } from './idle-memory.js';
import { createLogger } from './logger.js';
import { nestLogger } from './nest-logger.js';
import { openPlatform, type Platform } from './platform.js';
import { runVerb } from './program/program-verbs.js';
import { serviceDefinition } from './service.js';
import { settingsOf } from './service-config.js';

const BODY_BYTES_MAX = 256 * 1024;

type Settings = z.output<typeof baseConfig>;

/**
 * Runs a module declared with `@Service` until SIGTERM or SIGINT: reads its settings, checks that what it needs is there,
 * serves `/livez`, `/readyz` and `/metrics`, consumes its topics. It creates nothing: `towpath setup` does. A start that
 * fails says what is missing and exits with 1; so does a consumer that can not be mended.
 *
 * Called with a word, the program does not run but answers with its folds and decisions; see `runVerb`.
 */
export async function runService(module: Type): Promise<void> {
  const definition = serviceDefinition(module);
  const words = process.argv.slice(2);
  if (words.length > 0) {
    process.exitCode = await runVerb(module, words);
    return;
  }
  const schema = settingsOf(definition);
  const { logger, flush } = createLogger(definition.name, process.env['LOG_LEVEL'] ?? 'info');
  const exit = (code: number): never => {
    flush();
    process.exit(code);
  };
  try {
    const config = loadConfig(schema, process.env) as Settings;
    logger.info({ config: redacted(schema, config) }, 'config.effective');
    const platform = await openPlatform({ definition, config, logger, onFatal: (error) => fatal(error) });
    const app = await NestFactory.create<NestFastifyApplication>(platform.moduleFor(module), adapter(), {
      // A start-up error must reach the catch below instead of ending the process without a word.
      abortOnError: false,
      logger: nestLogger(logger),
      bodyParser: false,
    });
    addHealthRoutes(app.getHttpAdapter().getInstance(), platform.readiness, platform.metrics);
    definition.prepare?.(app);
    await app.init();
    await platform.start((handler) => app.get(handler, { strict: false }));
    await app.listen(config.PORT, config.HOST);
    logger.info({ url: await app.getUrl() }, 'service.ready');
    new IdleMemory().start();
    stopOnSignals(app, platform, config.SHUTDOWN_MS_MAX, exit);
  } catch (error) {
    fatal(error);
  }

  function fatal(error: unknown): void {
    logger.fatal({ err: error }, 'service.failed');
    process.stderr.write(`${definition.name}: ${error instanceof Error ? error.message : String(error)}\n`);
    exit(1);
  }
}

function adapter(): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: 15_000,
    forceCloseConnections: 'idle',
    // What comes on an open connection while closing is answered as ever; Fastify's own 503 says no Retry-After.
    return503OnClosing: false,
  });
}

/** SIGTERM: not ready, stop fetching, finish what is in flight, commit, leave, close; past the deadline exit anyway. */
function stopOnSignals(
  app: NestFastifyApplication,
  platform: Platform,
  msMax: number,
  exit: (code: number) => never,
): void {
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    platform.readiness.stop();
    setTimeout(() => exit(1), msMax).unref();
    await platform.stop();
    await app.close();
    await platform.close();
    exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
}
