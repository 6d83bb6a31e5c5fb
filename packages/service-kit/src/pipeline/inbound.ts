import { createHash } from 'node:crypto';
import type { Span } from '@opentelemetry/api';
import { decode, fromJson, toJson } from '@towpath/contracts/codec';
import type { Contract } from '@towpath/contracts/contract';
import { decryptPii, subjectsOf } from '@towpath/event-store/cipher';
import { schemaOf } from '@towpath/event-store/names';
import type { DueTimer } from '@towpath/event-store/types';
import type { Upcasters } from '@towpath/event-store/upcast';
import type { Vault } from '@towpath/event-store/vault';
import { parseHeaders, type MessageHeaders } from '@towpath/kafka/headers';
import type { InboundRecord } from '@towpath/kafka/record';
import { unframe } from '@towpath/kafka/wire';
import type { Received } from '../message.js';
import { tracedBy, type MessageSpans } from '../tracing/message-spans.js';
import { failureOf } from './failure.js';
import { markOf } from './forgotten.js';
import type { BoundHandler, Item } from './item.js';
import { decisionId } from './story.js';

/** Longer ids would not fit the inbox's index. */
const ID_BYTES_MAX = 256;
const KEY_BYTES_MAX = 512;

/** Finds the writer's schema of a schema id that is not ours. */
export type WriterSchema = (schemaId: number) => Promise<object>;

export interface InboundOptions {
  readonly service: string;
  readonly handlers: ReadonlyMap<string, BoundHandler>;
  /** ids of our own schemas by type, as set-up stored them */
  readonly schemaIds: ReadonlyMap<string, number>;
  readonly writerSchema: WriterSchema;
  readonly vault: Vault;
  /** how messages of older versions read that come for a handler of a newer one */
  readonly upcasters: Upcasters;
  /** absent while nothing is traced */
  readonly spans?: MessageSpans | undefined;
}

/** Turns Kafka records and timers into items. What can't be read becomes an item that is refused, never an exception. */
export class Inbound {
  constructor(private readonly options: InboundOptions) {}

  async items(records: readonly InboundRecord[]): Promise<Item[]> {
    const { handlers, spans } = this.options;
    const handled = records.flatMap((record) => {
      const handler = handlers.get(record.headers['ce_type'] ?? '');
      return handler ? [{ record, handler }] : [];
    });
    const batches = spans?.receive(handled.map(({ record }) => record));
    const items: Item[] = [];
    for (const { record, handler } of handled) {
      items.push(this.traced(await this.item(record, handler), batches?.get(record.topic)));
    }
    return this.decrypted(items);
  }

  /** One record for its handler, as `items` would give it. */
  async itemOfRecord(record: InboundRecord, handler: BoundHandler): Promise<Item> {
    const [item] = await this.decrypted([this.traced(await this.item(record, handler))]);
    return item!;
  }

  /** Each timer as a message of the service to itself, with the timer's id. Their personal data are stored encrypted like an event's. */
  async itemsOfTimers(timers: readonly DueTimer[]): Promise<Item[]> {
    return this.decrypted(timers.flatMap((due) => this.itemOfTimer(due) ?? []));
  }

  private itemOfTimer(due: DueTimer): Item | undefined {
    const handler = this.options.handlers.get(due.type);
    if (!handler) return undefined;
    const { contract } = handler;
    const { type } = contract;
    const timer = { ...due, type, data: this.options.upcasters.data(due.type, due.data, type) };
    const data = fromJson(contract, timer.data);
    const subject = String((data as Record<string, unknown>)[contract.key]);
    const { correlationId, causationId, hops, path, traceparent, tracestate, taint } = timer.metadata;
    const message: Received = {
      id: timer.id,
      type: timer.type,
      data,
      subject,
      source: `/services/${schemaOf(this.options.service)}`,
      time: timer.dueAt,
      correlationId,
      causationId,
      hops,
      path: path ?? [],
      traceparent: traceparent ?? null,
      ...(tracestate !== undefined && { tracestate }),
      ...(taint !== undefined && { taint }),
    };
    const inbox = { id: timer.id, fingerprint: hash(timer.id) };
    return this.traced({ message, handler, orderKey: subject, inbox, timer, attempts: 0 });
  }

  /** The item with a span for the work on it, which begins now. */
  private traced(item: Item, batch?: Span): Item {
    const { spans } = this.options;
    if (!spans) return item;
    const { message, record, handler } = item;
    const about = { topic: 'timers', key: message.subject, id: message.id, correlationId: message.correlationId };
    const span = spans.process({ ...about, ...record }, message, handler.name, batch);
    return { ...item, span, message: tracedBy(span, message) };
  }

  private async item(record: InboundRecord, handler: BoundHandler): Promise<Item> {
    try {
      const headers = parseHeaders(record.headers);
      const writer = this.options.upcasters.olderContract(headers.type) ?? handler.contract;
      const message = await this.message(record, headers, writer);
      const mark = markOf(record, message, headers);
      const own = handler.instance.fingerprint?.(this.newest(message, handler));
      const fingerprint = hash(own ?? record.value ?? '');
      const inbox = { id: message.id, fingerprint, ...(mark && { mark }) };
      return { message, handler, orderKey: keyOf(record), inbox, record, attempts: 0 };
    } catch (error) {
      // The registry will be back: that says nothing about the record.
      if ((error as { code?: unknown }).code === 'REGISTRY_UNAVAILABLE') throw error;
      return refused(record, handler, error);
    }
  }

  private async message(record: InboundRecord, headers: MessageHeaders, contract: Contract): Promise<Received> {
    if (Buffer.byteLength(headers.id) > ID_BYTES_MAX || headers.id.includes('\u0000')) {
      throw Object.assign(new Error(`ce_id must be at most ${ID_BYTES_MAX} bytes without U+0000`), {
        code: 'UNSTORABLE',
      });
    }
    const { causationId, traceparent, ...story } = headers;
    return {
      ...story,
      data: await this.decoded(record, contract),
      causationId: causationId === headers.id ? null : causationId,
      traceparent: traceparent ?? null,
    };
  }

  private async decoded(record: InboundRecord, contract: Contract): Promise<unknown> {
    if (record.value === null) throw undecodable('a tombstone carries no message');
    const { schemaId, payload } = unframe(record.value);
    if (this.options.schemaIds.get(contract.type) === schemaId) return decode(contract, payload);
    return decode(contract, payload, await this.options.writerSchema(schemaId));
  }

  /** With readable personal data for the handlers that ask for it, and in the version that their handlers know. */
  private async decrypted(items: Item[]): Promise<Item[]> {
    const sealed = items.filter((item) => !item.refusal && item.handler.decrypts && this.writer(item).pii.length > 0);
    const subjects = sealed.flatMap((item) => subjectsOf(this.writer(item), item.message.data));
    const keys = sealed.length === 0 ? new Map() : await this.options.vault.keysFor([...new Set(subjects)]);
    return items.map((item) => {
      if (!sealed.includes(item)) return this.current(item);
      const data = decryptPii(this.writer(item), item.message.data, keys);
      return this.current({ ...item, message: { ...item.message, data } });
    });
  }

  /** The contract that the message was written by. */
  private writer({ message, handler }: Item): Contract {
    return this.options.upcasters.olderContract(message.type) ?? handler.contract;
  }

  private current(item: Item): Item {
    const { message, handler, refusal } = item;
    if (refusal || message.type === handler.contract.type) return item;
    try {
      return { ...item, message: this.newest(message, handler) };
    } catch (error) {
      return { ...item, refusal: { ...failureOf(error), permanent: true } };
    }
  }

  /** The message as its handler's version. */
  private newest(message: Received, { contract }: BoundHandler): Received {
    const { upcasters } = this.options;
    const writer = upcasters.olderContract(message.type);
    if (!writer || message.type === contract.type) return message;
    const data = upcasters.data(message.type, toJson(writer, message.data), contract.type);
    return { ...message, type: contract.type, data: fromJson(contract, data) };
  }
}

function refused(record: InboundRecord, handler: BoundHandler, error: unknown): Item {
  const place = `${record.topic}/${record.partition}/${record.offset}`;
  const given = record.headers['ce_id'];
  const id = given && Buffer.byteLength(given) <= ID_BYTES_MAX && !given.includes('\u0000') ? given : undefined;
  const failure = failureOf(error);
  const message: Received = {
    // Two undecodable records may claim the same id; each is kept under its place.
    id: decisionId(id ?? 'unknown', place, 0),
    type: handler.contract.type,
    data: null,
    subject: keyOf(record),
    source: record.headers['ce_source'] ?? 'unknown',
    time: new Date(record.timestamp),
    correlationId: record.headers['ce_correlationid'] ?? id ?? place,
    causationId: null,
    hops: 0,
    path: [],
    traceparent: record.headers['traceparent'] ?? null,
  };
  const code = failure.code === 'HANDLER_FAILED' ? 'UNDECODABLE' : failure.code;
  const inbox = { id: message.id, fingerprint: hash(record.value ?? '') };
  const refusal = { ...failure, code, permanent: true };
  return { message, handler, orderKey: keyOf(record), inbox, record, refusal, attempts: 0 };
}

/** Order holds per key; a record without one stands for itself. What the store's index can't hold goes by its hash. */
function keyOf(record: InboundRecord): string {
  const { key } = record;
  if (key === null) return `${record.topic}/${record.partition}/${record.offset}`;
  return key.length <= KEY_BYTES_MAX && !key.includes(0) ? key.toString('utf8') : `sha256:${hash(key).toString('hex')}`;
}

function undecodable(message: string): Error {
  return Object.assign(new Error(message), { code: 'UNDECODABLE' });
}

function hash(value: Buffer | string): Buffer {
  return createHash('sha256').update(value).digest();
}
