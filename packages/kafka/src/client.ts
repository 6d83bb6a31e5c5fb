// First: they take places in kafkajs before kafkajs looks there.
import './record-encoder-patch.js';
import './produce-request-patch.js';
import './producer-fence-patch.js';
import kafkajs, { type Kafka, type LogEntry, type RetryOptions } from 'kafkajs';
import { registerCodecs } from './codecs.js';
import { patchRequestQueue } from './request-queue-patch.js';
import type { Logger } from './record.js';

/** K18: a leader move outlasts kafkajs's 5 retries of metadata that is 5 minutes old. */
export const METADATA_MAX_AGE_MS = 30_000;

/**
 * K13: kafkajs swaps its defaults under `NODE_ENV=test`, so every field is set. K12: with 100 ms … 1 s a consumer is back
 * 0.3 s after its broker. K18: at least 20 retries. K6: kafkajs never restarts by itself, the supervisor does.
 */
export const RETRY = {
  initialRetryTime: 100,
  maxRetryTime: 1_000,
  factor: 0.2,
  multiplier: 2,
  retries: 20,
  restartOnFailure: () => Promise.resolve(false),
} as const satisfies RetryOptions;

export interface ClientOptions {
  brokers: string[];
  clientId: string;
  logger: Logger;
  /** told every line kafkajs logs; some failures show nowhere else (K11) */
  onLogLine?(line: string, fields: object): void;
}

/** The only place that makes a kafkajs client: codecs, timer patch, time-outs and retries are those of this package. */
export function createClient(options: ClientOptions): Kafka {
  registerCodecs();
  patchRequestQueue();
  return new kafkajs.Kafka({
    brokers: options.brokers,
    clientId: options.clientId,
    connectionTimeout: 2_000,
    // K7: without it a request to a hung broker never ends. Above the longest poll of a fetch.
    requestTimeout: 10_000,
    enforceRequestTimeout: true,
    retry: RETRY,
    logLevel: kafkajs.logLevel.INFO,
    logCreator: () => (entry) => forward(entry, options),
  });
}

/** What kafkajs says on its way through a restart; the supervisor tells the outcome. */
const EXPECTED_LINES =
  /Connection error|Failed to connect|Connection timeout|Failed to send messages|Response |Limiting retries/;

function forward({ level, label, namespace, log }: LogEntry, { logger, onLogLine }: ClientOptions): void {
  const { message, timestamp: _timestamp, logger: _name, stack: _stack, ...fields } = log;
  onLogLine?.(message, fields);
  const line = `kafkajs ${namespace}: ${message}`;
  const details = { ...fields, kafkajsLevel: label };
  if (level >= kafkajs.logLevel.INFO || EXPECTED_LINES.test(message)) logger.debug(details, line);
  else logger.warn(details, line);
}
