import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { OutboundClient } from '@towpath/outbound/outbound-client';
import { InjectConfig } from '@towpath/service-kit/platform';
import type { ConsoleConfig } from './config.js';
import type { SignedDelivery } from './signed-delivery.js';

/** What became of a delivery: ingress took it, or it can not be sent. */
export type Posted =
  | { readonly kind: 'sent'; readonly deliveryId: string }
  | { readonly kind: 'failed'; readonly code: string; readonly detail: string };

/** Posts signed deliveries to ingress, as the command line does; there is no other way in for what people decide. */
@Injectable()
export class IngressClient implements BeforeApplicationShutdown {
  private readonly client: OutboundClient;
  private readonly url: string;

  constructor(@InjectConfig() config: ConsoleConfig) {
    const { origin, protocol, hostname } = new URL(config.INGRESS_URL);
    this.url = `${origin}/webhooks/operator`;
    this.client = new OutboundClient({
      provider: 'ingress',
      ...(protocol === 'https:' ? { hosts: [hostname] } : { hosts: [], loopbackOrigins: [origin] }),
      timeoutMs: 5_000,
      connectionsMax: 4,
      responseBytesMax: 16_384,
      rateLimit: { perSecond: 50, burst: 50, queueMax: 100 },
      breaker: { failures: 5, openMs: 1_000 },
    });
  }

  /** Throws when it can be tried again: nothing answered, or ingress is overloaded. */
  async post({ headers, body }: SignedDelivery): Promise<Posted> {
    const reply = await this.client.request({
      method: 'POST',
      url: this.url,
      headers: { ...headers, 'content-type': 'application/json' },
      body,
    });
    const answer = answerOf(reply.body);
    if (reply.status === 202 && answer.deliveryId !== undefined) return { kind: 'sent', deliveryId: answer.deliveryId };
    const said = [answer.code, answer.detail].filter((part) => part !== undefined).join(': ');
    if (reply.status >= 500 || reply.status === 429) throw new Error(`INGRESS_BUSY: ${reply.status} ${said}`);
    return { kind: 'failed', code: 'DELIVERY_REJECTED', detail: `ingress answered ${reply.status} ${said}`.trim() };
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.client.close();
  }
}

interface Answer {
  readonly deliveryId?: string;
  readonly code?: string;
  readonly detail?: string;
}

function answerOf(body: Buffer): Answer {
  try {
    return JSON.parse(body.toString('utf8')) as Answer;
  } catch {
    return {};
  }
}
