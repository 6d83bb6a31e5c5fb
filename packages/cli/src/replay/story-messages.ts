import { contractOf, isContract } from '@towpath/contracts/catalogue';
import { topicOf } from '@towpath/contracts/contract';
import { services } from '@towpath/contracts/topics';
import { inspect } from '@towpath/kafka/inspect';
import type { InspectedEvent } from '@towpath/event-store/inspect';
import { schemaOf } from '@towpath/event-store/names';
import type { Addresses } from '../addresses.js';
import { quietLogger } from '../quiet-logger.js';
import type { Story } from '../trace/find-stories.js';
import { recordedMessage } from './recorded-message.js';
import type { ReplayMessage, StoredMessage } from './verdict.js';

const DELIVERIES = 'webhooks.received';
/** A delivery is on its topic before triage says when it came, and by clocks of two machines not long before. */
const BEFORE_MS = 5_000;
const AFTER_MS = 120_000;

/** What each service received of a story, in the order of its events. */
export function messagesOf({ events }: Story): Map<string, ReplayMessage[]> {
  const messages = new Map<string, ReplayMessage[]>();
  for (const event of events) {
    const message = messageIn(event);
    if (!message) continue;
    for (const { name, store, consumes } of services()) {
      if (store && consumes.includes(message.topic)) messages.set(name, [...(messages.get(name) ?? []), message]);
    }
  }
  return messages;
}

/** A stored event as the message that it was; undefined for one that no topic ever had. */
export function messageIn(event: InspectedEvent): StoredMessage | undefined {
  const service = services().find(({ name }) => schemaOf(name) === event.schema)?.name ?? event.schema;
  const topic = topicOfEvent(event, service);
  return topic === undefined ? undefined : messageOf(event, topic);
}

function topicOfEvent({ type, archived }: InspectedEvent, service: string): string | undefined {
  if (archived || !isContract(type)) return undefined;
  const contract = contractOf(type);
  return contract.kind === 'internal' ? undefined : topicOf(contract, service);
}

function messageOf(event: InspectedEvent, topic: string): StoredMessage {
  const { schema, id, type, stream, version, metadata, occurredAt } = event;
  const data = event.data as object;
  return { schema, topic, id, type, stream, version, data, metadata, occurredAt: occurredAt.toISOString() };
}

/** The delivery that began the story, from its topic; undefined when it is there no longer. */
export async function deliveryOf(
  { brokers }: Addresses,
  { correlationId, events }: Story,
  signal: AbortSignal,
): Promise<ReplayMessage | undefined> {
  const begun = receivedAt(events);
  const from = { time: new Date(begun - BEFORE_MS) };
  for await (const record of inspect({
    brokers,
    clientId: 'towpath-replay',
    logger: quietLogger,
    topic: DELIVERIES,
    from,
    signal,
  })) {
    if (record.timestamp > begun + AFTER_MS) return undefined;
    if (record.headers['ce_id'] !== correlationId) continue;
    return recordedMessage(record);
  }
  return undefined;
}

function receivedAt(events: readonly InspectedEvent[]): number {
  const said = events.map(({ data }) => (data as { readonly receivedAt?: unknown } | null)?.receivedAt);
  const found = said.find((value) => typeof value === 'number');
  return typeof found === 'number' ? found : Math.min(...events.map(({ occurredAt }) => occurredAt.getTime()));
}
