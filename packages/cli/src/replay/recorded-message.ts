import type { InboundRecord } from '@towpath/kafka/record';
import type { ReplayMessage } from './verdict.js';

/** What a service's program is set to while it decides again: nothing is asked of a model and nothing is traced. */
export const OFFLINE: NodeJS.ProcessEnv = { MODEL_MODE: 'replay', OTEL_SDK_DISABLED: 'true', LOG_LEVEL: 'error' };

/** A record of a topic as a line for a service's program. */
export function recordedMessage({ topic, timestamp, key, value, headers }: InboundRecord): ReplayMessage {
  const text = (bytes: Buffer | null) => bytes?.toString('base64') ?? null;
  return { record: { topic, timestamp, key: text(key), value: text(value), headers } };
}
