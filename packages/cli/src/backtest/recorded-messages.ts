import { inspect, type InspectedRecord } from '@towpath/kafka/inspect';
import type { Addresses } from '../addresses.js';
import { quietLogger } from '../quiet-logger.js';
import { recordedMessage } from '../replay/recorded-message.js';
import type { ReplayMessage } from '../replay/verdict.js';

export interface Window {
  readonly since: Date;
  readonly until: Date;
}

/**
 * Records of topics within a window, those of all topics and partitions merged by the time they were produced, each partition's in its
 * order. Each topic is read by a group of its own that ends with it.
 */
export async function* recordedMessages(
  { brokers }: Addresses,
  topics: readonly string[],
  { since, until }: Window,
  signal: AbortSignal,
): AsyncGenerator<ReplayMessage> {
  const reads = topics.map((topic) =>
    inspect({
      ...{ brokers, clientId: 'towpath-backtest', logger: quietLogger, topic, signal },
      from: { time: since },
      byTime: true,
    }),
  );
  try {
    const heads = await Promise.all(reads.map((read) => read.next()));
    for (;;) {
      const next = earliest(heads);
      if (next === undefined) return;
      const record = heads[next]!.value as InspectedRecord;
      heads[next] = await reads[next]!.next();
      if (record.timestamp < until.getTime()) yield recordedMessage(record);
    }
  } finally {
    await Promise.all(reads.map((read) => read.return(undefined)));
  }
}

function earliest(heads: readonly IteratorResult<InspectedRecord>[]): number | undefined {
  let found: number | undefined;
  let at = Infinity;
  for (const [place, head] of heads.entries()) {
    if (head.done === true || head.value.timestamp >= at) continue;
    found = place;
    at = head.value.timestamp;
  }
  return found;
}
