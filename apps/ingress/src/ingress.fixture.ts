import { decode } from '@towpath/contracts/codec';
import { DeliveryRejected } from '@towpath/contracts/webhooks/DeliveryRejected.v1';
import { WebhookReceived } from '@towpath/contracts/webhooks/WebhookReceived.v1';
import type { OutboundRecord } from '@towpath/kafka/record';
import { unframe } from '@towpath/kafka/wire';
import { newKeyPair } from '@towpath/sources/keys';
import type { LoadedSource } from '@towpath/sources/load';
import { signStandard, signStripe } from '@towpath/sources/sign';
import Fastify, { type FastifyInstance } from 'fastify';
import { KafkaPublisher, type Connection } from './kafka-publisher.js';
import { DeliveryReceiver } from './receive-delivery.js';
import { RefusedDeliveries } from './refused-deliveries.js';
import { SourceBook } from './source-book.js';
import { addWebhookRoutes } from './webhook-routes.js';

export const STRIPE_SECRET = 'whsec_test_0123456789abcdef';
export const PLATFORM_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ada = newKeyPair();

/** A Kafka producer that keeps what it is given and acknowledges when told. */
export class FakeProducer {
  readonly sent: OutboundRecord[] = [];
  pendingCount = 0;
  acknowledge: () => Promise<void> = () => Promise.resolve();

  async send(records: OutboundRecord[]): Promise<void> {
    this.sent.push(...records);
    await this.acknowledge();
  }
  pending(): number {
    return this.pendingCount;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
  received(): WebhookReceived[] {
    return this.on(WebhookReceived.topic).map(({ value }) => decode(WebhookReceived, unframe(value).payload));
  }
  rejected(): DeliveryRejected[] {
    return this.on(DeliveryRejected.topic).map(({ value }) => decode(DeliveryRejected, unframe(value).payload));
  }
  on(topic: string): OutboundRecord[] {
    return this.sent.filter((record) => record.topic === topic);
  }
}

export interface Ingress {
  readonly server: FastifyInstance;
  readonly producer: FakeProducer;
  readonly book: SourceBook;
  readonly lag: { seconds: number };
  readonly logged: string[];
}

/** Ingress without Nest, and without Kafka unless it is given a producer: sources `stripe`, `platform`, `operator` (ada) and the disabled `off`. */
export async function startIngress(
  settings: Partial<LoadedSource> = {},
  realProducer?: Connection['producer'],
): Promise<Ingress> {
  const producer = new FakeProducer();
  const lag = { seconds: 0 };
  const logged: string[] = [];
  const publisher = new KafkaPublisher({
    connect: async () => ({
      producer: realProducer ?? producer,
      schemaIds: new Map([
        [WebhookReceived.type, 7],
        [DeliveryRejected.type, 8],
      ]),
    }),
    lag: { touch: () => undefined, ageSeconds: () => lag.seconds },
    pendingMax: 100,
    lagSecondsMax: 60,
    onFailure: (error) => void logged.push(error.message),
    onPublished: () => undefined,
  });
  await publisher.open();
  const book = new SourceBook();
  book.replace(new Map(testSources(settings).map((source) => [source.name, source])));
  const receiver = new DeliveryReceiver(book, publisher);
  const say = (fields: unknown, message?: string): void => void logged.push(JSON.stringify([fields, message]));
  const refused = new RefusedDeliveries(publisher, { info: say, warn: say }, (arrival) => receiver.addressOf(arrival));
  const server = Fastify();
  await addWebhookRoutes(server, {
    receiver,
    onRefused: (...refusal) => refused.record(...refusal),
    onError: (error) => void logged.push(error.message),
  });
  return { server, producer, book, lag, logged };
}

function testSources(settings: Partial<LoadedSource>): LoadedSource[] {
  const base = { allow: [], proxies: 0, ratePerSecond: 1_000, disabled: false, ...settings };
  const secret = (text: string): LoadedSource['credentials'] => [{ text, expiresAt: null, person: null }];
  const person = { name: 'ada', role: 'fraud-analyst' };
  return [
    { ...base, name: 'stripe', provider: 'stripe', scheme: 'stripe', credentials: secret(STRIPE_SECRET) },
    { ...base, name: 'platform', provider: 'platform', scheme: 'standard', credentials: secret(PLATFORM_SECRET) },
    {
      ...base,
      name: 'off',
      provider: 'platform',
      scheme: 'standard',
      disabled: true,
      credentials: secret(PLATFORM_SECRET),
    },
    {
      ...base,
      name: 'operator',
      provider: 'operator',
      scheme: 'standard',
      credentials: [{ text: ada.publicKey, expiresAt: null, person }],
    },
  ];
}

const JSON_HEADERS = { 'content-type': 'application/json' };

/** A Stripe delivery of an event `id` about `pi_1`, signed now. */
export function stripeDelivery(
  id: string,
  at = new Date(),
  secret = STRIPE_SECRET,
): { headers: Record<string, string>; payload: string } {
  const payload = JSON.stringify({
    id,
    type: 'payment_intent.succeeded',
    data: { object: { object: 'payment_intent', id: 'pi_1' } },
  });
  return { payload, headers: { ...JSON_HEADERS, ...signStripe(secret, payload, at) } };
}

/** A Stripe-signed body of any bytes. */
export function stripeSigned(payload: Buffer | string): { headers: Record<string, string>; payload: Buffer | string } {
  return { payload, headers: { ...JSON_HEADERS, ...signStripe(STRIPE_SECRET, payload, new Date()) } };
}

/** A platform delivery under the delivery id `id`. */
export function platformDelivery(id: string, body: object): { headers: Record<string, string>; payload: string } {
  const payload = JSON.stringify(body);
  return { payload, headers: { ...JSON_HEADERS, ...signStandard(PLATFORM_SECRET, id, payload, new Date()) } };
}

/** A command signed by ada. */
export function adasCommand(id: string, body: object): { headers: Record<string, string>; payload: string } {
  const payload = JSON.stringify(body);
  return { payload, headers: { ...JSON_HEADERS, ...signStandard(ada.privateKey, id, payload, new Date()) } };
}
