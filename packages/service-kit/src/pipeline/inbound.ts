import { createHash } from 'node:crypto';
import { contractOf } from '@towpath/contracts/catalogue';
import { decode, fromJson } from '@towpath/contracts/codec';
import type { Contract } from '@towpath/contracts/contract';
import { decryptPii, subjectsOf } from '@towpath/event-store/cipher';
import type { DueTimer } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import { parseHeaders } from '@towpath/kafka/headers';
import type { InboundRecord } from '@towpath/kafka/record';
import { unframe } from '@towpath/kafka/wire';
import type { Received } from '../message.js';
import { failureOf } from './failure.js';
import type { BoundHandler, Item } from './item.js';
import { decisionId } from './story.js';

/** Longer ids would not fit the inbox's index. */
const ID_BYTES_MAX = 256;

/** Finds the writer's schema of a schema id that is not ours. */
export type WriterSchema = (schemaId: number) => Promise<object>;

export interface InboundOptions {
  readonly service: string;
  readonly handlers: ReadonlyMap<string, BoundHandler>;
  /** ids of our own schemas by type, as set-up stored them */
  readonly schemaIds: ReadonlyMap<string, number>;
  readonly writerSchema: WriterSchema;
  readonly vault: Vault;
}

/** Turns Kafka records and timers into items. What can't be read becomes an item that is refused, never an exception. */
export class Inbound {
  constructor(private readonly options: InboundOptions) {}

  async items(records: readonly InboundRecord[]): Promise<Item[]> {
    const items: Item[] = [];
    for (const record of records) {
      const handler = this.options.handlers.get(record.headers['ce_type'] ?? '');
      if (handler) items.push(await this.item(record, handler));
    }
    return this.decrypted(items);
  }

  /** A timer as a message of the service to itself, with the timer's id. */
  itemOfTimer(timer: DueTimer): Item | undefined {
    const handler = this.options.handlers.get(timer.type);
    if (!handler) return undefined;
    const { contract } = handler;
    const data = fromJson(contract, timer.data);
    const subject = String((data as Record<string, unknown>)[contract.key]);
    const { correlationId, causationId, hops, path, traceparent } = timer.metadata;
    const message: Received = {
      id: timer.id,
      type: timer.type,
      data,
      subject,
      source: `/services/${this.options.service}`,
      time: timer.dueAt,
      correlationId,
      causationId,
      hops,
      path: path ?? [],
      traceparent: traceparent ?? null,
    };
    const inbox = { id: timer.id, fingerprint: hash(timer.id) };
    return { message, handler, orderKey: subject, inbox, timerId: timer.id, attempts: 0 };
  }

  private async item(record: InboundRecord, handler: BoundHandler): Promise<Item> {
    try {
      const message = await this.message(record, handler.contract);
      const own = handler.instance.fingerprint?.(message);
      const fingerprint = hash(own ?? record.value ?? '');
      return { message, handler, orderKey: keyOf(record), inbox: { id: message.id, fingerprint }, record, attempts: 0 };
    } catch (error) {
      // The registry will be back: that says nothing about the record.
      if ((error as { code?: unknown }).code === 'REGISTRY_UNAVAILABLE') throw error;
      return refused(record, handler, error);
    }
  }

  private async message(record: InboundRecord, contract: Contract): Promise<Received> {
    const headers = parseHeaders(record.headers);
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

  private async decrypted(items: Item[]): Promise<Item[]> {
    const sealed = items.filter(
      ({ handler, refusal }) => !refusal && handler.decrypts && handler.contract.pii.length > 0,
    );
    if (sealed.length === 0) return items;
    const subjects = sealed.flatMap(({ handler, message }) => subjectsOf(handler.contract, message.data));
    const keys = await this.options.vault.keysFor([...new Set(subjects)]);
    return items.map((item) => {
      if (!sealed.includes(item)) return item;
      const contract = contractOf(item.message.type);
      return { ...item, message: { ...item.message, data: decryptPii(contract, item.message.data, keys) } };
    });
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
    traceparent: null,
  };
  const code = failure.code === 'HANDLER_FAILED' ? 'UNDECODABLE' : failure.code;
  const inbox = { id: message.id, fingerprint: hash(record.value ?? '') };
  const refusal = { ...failure, code, permanent: true };
  return { message, handler, orderKey: keyOf(record), inbox, record, refusal, attempts: 0 };
}

/** Order holds per key; a record without one stands for itself. */
function keyOf(record: InboundRecord): string {
  return record.key?.toString('utf8') ?? `${record.topic}/${record.partition}/${record.offset}`;
}

function undecodable(message: string): Error {
  return Object.assign(new Error(message), { code: 'UNDECODABLE' });
}

function hash(value: Buffer | string): Buffer {
  return createHash('sha256').update(value).digest();
}
