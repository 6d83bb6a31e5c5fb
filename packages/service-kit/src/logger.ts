import { pino, type Logger as PinoLogger } from 'pino';

/** Structured logger; every line is one JSON object with `service event_id event_type correlation_id`. */
export type Logger = PinoLogger;

/** Injection token of the service's logger. */
export const LOGGER = Symbol('LOGGER');

interface Buffered {
  flushSync(): void;
}

/**
 * The service's logger on standard output. Lines are written in blocks, at the latest after 200 ms, because a write
 * per line costs more than the work it describes.
 */
export function createLogger(service: string, level: string): { logger: Logger; flush(): void } {
  const destination = pino.destination({ dest: 1, sync: false, minLength: 8_192, periodicFlush: 200 });
  const logger = pino(
    {
      level,
      base: { service },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: (line) => ({ event_id: null, event_type: null, correlation_id: null, ...line }),
      },
    },
    destination,
  );
  return { logger, flush: () => flush(destination) };
}

function flush(destination: Buffered): void {
  try {
    destination.flushSync();
  } catch {
    // Not yet open, or the reader of the pipe is gone: there is nobody left to tell.
  }
}

/** The fields that tie a line to its message. */
export function about(message: { id: string; type: string; correlationId: string }): Record<string, string> {
  return { event_id: message.id, event_type: message.type, correlation_id: message.correlationId };
}
