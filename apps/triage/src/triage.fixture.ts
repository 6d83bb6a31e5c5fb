import { createHash } from 'node:crypto';
import { contractOf } from '@towpath/contracts/catalogue';
import { encode } from '@towpath/contracts/codec';
import { streamOf, type Contract, type DataOf } from '@towpath/contracts/contract';
import { fold, type Aggregate } from '@towpath/event-store/fold';
import type { DomainEvent } from '@towpath/event-store/types';
import type { DecisionState } from '@towpath/service-kit/handles';
import type { Emission } from '@towpath/service-kit/message';
import { RouteDelivery } from './route-delivery.handler.js';
import type { Delivered } from './taxonomy/taxonomy.js';
import type { Classifier } from './triage-message.decider.js';

const hash = (value: string): string => createHash('sha256').update(value).digest('hex').slice(0, 32);

const classifier: Classifier = {
  version: 'fake@1',
  classify: () => ({ intent: 'fake', confidence: 0.9, queue: 'billing', outOfScope: false }),
};

/** The handler with a store of its own: what it appends is what the next delivery finds. */
export class Triage {
  readonly appended: DomainEvent[] = [];
  private readonly handler: RouteDelivery;

  constructor({ ownAuthors = [] as string[] } = {}) {
    this.handler = new RouteDelivery({ lookupHash: hash }, classifier, { TRIAGE_BOT_AUTHORS: ownAuthors });
  }

  fingerprint(delivery: Delivered): string {
    return this.handler.fingerprint(delivery);
  }

  deliver(delivery: Delivered): readonly Emission[] {
    const state: DecisionState = {
      now: new Date(0),
      of: <State>(aggregate: Aggregate<State>, key: string) => {
        // What was not read first is not there in the pipeline either.
        expect(streams).toContain(aggregate.of(key));
        return fold(
          aggregate,
          this.appended.filter(({ stream }) => stream === aggregate.of(key)),
        );
      },
      row: () => undefined,
      opened: () => undefined,
    };
    const { streams = [] } = this.handler.reads(delivery);
    expect(streams).toContain(`delivery-${delivery.id}`);
    const emissions: readonly Emission[] = this.handler.handle(delivery, state);
    for (const { contract, data } of emissions) {
      encode(contract, data);
      const metadata = { correlationId: '', causationId: '', hops: 1, handler: '' };
      const event = { id: '', type: contract.type, data, metadata, occurredAt: new Date(0) };
      this.appended.push({ ...event, stream: streamOf(contract, data) });
    }
    return emissions;
  }

  /** The data of every message of one contract, in order. */
  all<C extends Contract>(contract: C): DataOf<C>[] {
    return this.appended.flatMap(({ type, data }) => (type === contract.type ? [data as DataOf<C>] : []));
  }

  /** All that stays readable for ever, as text. */
  readable(): string {
    const readable = this.appended.map(({ type, data }) => {
      const fields = { ...(data as Record<string, unknown>) };
      for (const { name } of contractOf(type).pii) delete fields[name];
      return JSON.stringify(fields);
    });
    return readable.join('\n');
  }

  /** Names and data of what was sent to the domain. */
  of(stream: string): [string, Record<string, unknown>][] {
    const own = this.appended.filter((event) => event.stream === stream);
    return own.map(({ type, data }) => [type.split('.')[2]!, data as Record<string, unknown>]);
  }
}

export function delivered(id: string, body: object, more: Partial<Delivered['data']> = {}): Delivered {
  const bytes = Buffer.from(JSON.stringify(body));
  const data = {
    deliveryId: id,
    objectId: 'o',
    source: 'stripe',
    provider: 'stripe',
    scheme: 'stripe',
    signedId: id,
    actor: null,
    role: null,
    remoteIp: '127.0.0.1',
    receivedAt: 1_700_000_000_000,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    body: bytes,
    ...more,
  };
  const story = { correlationId: id, causationId: null, hops: 0, path: [], traceparent: null };
  const about = {
    type: 'webhooks.v1.WebhookReceived' as const,
    subject: 'o',
    source: '/services/ingress',
    time: new Date(0),
  };
  return { id, data, ...about, ...story };
}
