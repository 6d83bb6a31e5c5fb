import type { Logger } from '@towpath/service-kit/logger';
import type { KafkaPublisher } from './kafka-publisher.js';
import type { Arrival } from './receive-delivery.js';
import { statusOf, type Refusal } from './refusal.js';

const SOURCE_CHARACTERS_MAX = 64;
const LOG_LINES_PER_SECOND = 20;

/** Records refusals: `DeliveryRejected` on Kafka and a line in the log, both bounded, after the answer is on its way. */
export class RefusedDeliveries {
  private lines = { second: 0, count: 0, unsaid: 0 };

  constructor(
    private readonly publisher: Pick<KafkaPublisher, 'reject'>,
    private readonly logger: Pick<Logger, 'info' | 'warn'>,
    private readonly addressOf: (arrival: Arrival) => string,
  ) {}

  record(arrival: Arrival, refusal: Refusal, bodyBytes: number): void {
    const receivedAt = Date.now();
    const source = arrival.sourceName.slice(0, SOURCE_CHARACTERS_MAX).toWellFormed();
    const remoteIp = this.addressOf(arrival);
    // What we could not take is not the sender's fault, and more messages are the last thing needed then.
    if (statusOf(refusal.code) < 500) {
      const { code: reason, detail } = refusal;
      this.publisher.reject({ source, reason, detail, remoteIp, receivedAt, bodyBytes });
    }
    this.log({ source, remote_ip: remoteIp, reason: refusal.code, body_bytes: bodyBytes }, receivedAt);
  }

  private log(fields: Record<string, unknown>, nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.lines.second) {
      if (this.lines.unsaid > 0) this.logger.warn({ refused: this.lines.unsaid }, 'delivery.refused.more');
      this.lines = { second, count: 0, unsaid: 0 };
    }
    if (this.lines.count >= LOG_LINES_PER_SECOND) this.lines.unsaid++;
    else {
      this.lines.count++;
      this.logger.info(fields, 'delivery.refused');
    }
  }
}
