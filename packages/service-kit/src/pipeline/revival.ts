import type { Contract } from '@towpath/contracts/contract';
import type { HeldMessage } from '@towpath/event-store/held-types';
import type { DueTimer } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import type { InboundRecord } from '@towpath/kafka/record';
import type { Redrives } from '../dead-letters/redrives.js';
import { opened } from './holding.js';
import type { Inbound } from './inbound.js';
import type { BoundHandler, Failure, Item } from './item.js';
import { endsItsWorkers } from './retry.decider.js';

export interface RevivalOptions {
  readonly service: string;
  readonly handlers: ReadonlyMap<string, BoundHandler>;
  readonly vault: Vault;
  readonly inbound: Inbound;
  readonly redrives: Redrives;
}

/** Makes items of messages that waited, from what came in. What can't be made again becomes an item that is refused. */
export class Revival {
  constructor(private readonly options: RevivalOptions) {}

  async items(messages: readonly HeldMessage[]): Promise<Item[]> {
    const { service, vault } = this.options;
    const items: Item[] = [];
    for (const message of await opened(messages, service, vault)) items.push(await this.item(message));
    return items;
  }

  private async item(message: HeldMessage): Promise<Item> {
    const { seq, fence, orderKey, eventId, fingerprint, attempts, firstFailedAt, lost } = message;
    const item = await this.cameAs(message);
    const { firstFailedAt: _, ...rest } = item;
    const failedAt = firstFailedAt ?? item.firstFailedAt;
    const refusal = endsItsWorkers(lost) ? workerLost(lost) : item.refusal;
    return {
      ...rest,
      orderKey,
      inbox: { id: eventId, fingerprint },
      held: { seq, fence },
      attempts,
      ...(failedAt && { firstFailedAt: failedAt }),
      ...(refusal && { refusal }),
    };
  }

  private async cameAs({
    origin,
    handler: name,
    type,
    record: { headers: rawHeaders, ...place },
  }: HeldMessage): Promise<Item> {
    const { inbound, redrives, handlers } = this.options;
    const headers = Object.fromEntries(Object.entries(rawHeaders).map(([key, value]) => [key, value.toString('utf8')]));
    const record: InboundRecord = { ...place, headers, rawHeaders };
    if (origin === 'timer') {
      const timer = JSON.parse(record.value?.toString('utf8') ?? 'null') as DueTimer;
      const [item] = await inbound.itemsOfTimers([{ ...timer, dueAt: new Date(timer.dueAt) }]);
      if (item) return item;
    }
    const handler = handlers.get(record.headers['ce_type'] ?? '');
    if (!handler)
      return { ...(await inbound.itemOfRecord(record, gone(name, type))), refusal: handlerGone(name, type) };
    const item = await inbound.itemOfRecord(record, handler);
    if (origin !== 'redrive') return item;
    const [command, redriven] = await redrives.expand([item]);
    return redriven ?? command!;
  }
}

/** Stands for a handler that this build no longer has, in the dead letter of its message. */
function gone(name: string, type: string): BoundHandler {
  return {
    name,
    contract: { type } as Contract,
    emits: [],
    decrypts: false,
    retry: { retries: 0, baseMs: 0, factor: 1, capMs: 0 },
    strict: false,
    instance: { handle: () => [] },
  };
}

function handlerGone(name: string, type: string): Failure {
  const message = `nothing handles ${type} any more; ${name} did when the message came`;
  return { code: 'HANDLER_GONE', message, stack: null, permanent: true };
}

function workerLost(times: number): Failure {
  const message = `${times} workers ended in the midst of it: it is taken for the cause`;
  return { code: 'WORKER_LOST', message, stack: null, permanent: true };
}
