import type { LocalPlatform } from '@towpath/cli/local/platform';
import { quietLogger } from '@towpath/cli/quiet-logger';
import { inspect, type InspectedRecord } from '@towpath/kafka/inspect';

type Place = Pick<LocalPlatform, 'around'>;

/** The records of a topic since `from`, each partition in order; those that are there now. */
export async function recordsSince(place: Place, topic: string, from: Date): Promise<InspectedRecord[]> {
  return collect(place, { topic, from, mark: '', follow: false, count: Infinity });
}

/** Waits for `count` records whose key contains `mark`. After `deadlineMs` it gives those that came. */
export async function awaitRecords(
  place: Place,
  wanted: { topic: string; from: Date; mark: string; count: number; deadlineMs: number },
): Promise<InspectedRecord[]> {
  return collect(place, { ...wanted, follow: true, signal: AbortSignal.timeout(wanted.deadlineMs) });
}

interface Wanted {
  readonly topic: string;
  readonly from: Date;
  readonly mark: string;
  readonly count: number;
  readonly follow: boolean;
  readonly signal?: AbortSignal;
}

async function collect({ around }: Place, wanted: Wanted): Promise<InspectedRecord[]> {
  const { topic, from, follow, signal, mark, count } = wanted;
  const records: InspectedRecord[] = [];
  const client = { brokers: around.stack.KAFKA_BROKERS.split(','), clientId: 'towpath-specs', logger: quietLogger };
  for await (const record of inspect({ ...client, topic, from: { time: from }, follow, ...(signal && { signal }) })) {
    if (record.key?.toString().includes(mark)) records.push(record);
    if (records.length >= count) break;
  }
  return records;
}
