import type { OutboundRecord } from '@towpath/kafka/record';

/** Stands in for Kafka where its answer is the point: it acknowledges at once, or only when told; for specs. */
export class FakeKafka {
  readonly records: OutboundRecord[] = [];
  private closed: Promise<void> = Promise.resolve();
  open: () => void = () => undefined;

  close(): void {
    this.closed = new Promise((resolve) => (this.open = resolve));
  }

  send = async (records: OutboundRecord[]): Promise<void> => {
    await this.closed;
    this.records.push(...records);
  };

  /** The sequence numbers that came for a key, in order. */
  versionsOf(key: string): string[] {
    return this.records.filter((record) => record.key === key).map(({ headers }) => headers['ce_sequence'] ?? '');
  }

  /** The first time each came, in order. */
  firstVersionsOf(key: string): string[] {
    return [...new Set(this.versionsOf(key))];
  }
}
