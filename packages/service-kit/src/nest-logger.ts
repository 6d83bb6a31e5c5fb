import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger.js';

/** Nest's own messages as lines of the service's log; its start-up chatter only at debug. */
export function nestLogger(logger: Logger): LoggerService {
  return {
    log: (message: unknown, context?: string) => logger.debug({ context }, String(message)),
    verbose: (message: unknown, context?: string) => logger.trace({ context }, String(message)),
    debug: (message: unknown, context?: string) => logger.debug({ context }, String(message)),
    warn: (message: unknown, context?: string) => logger.warn({ context }, String(message)),
    error: (message: unknown, stack?: string, context?: string) => logger.error({ context, stack }, String(message)),
    fatal: (message: unknown, stack?: string, context?: string) => logger.fatal({ context, stack }, String(message)),
  };
}
