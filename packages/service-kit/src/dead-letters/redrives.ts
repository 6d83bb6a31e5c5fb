import { contractOf } from '@towpath/contracts/catalogue';
import { check, fromJson } from '@towpath/contracts/codec';
import { keyOf } from '@towpath/contracts/contract';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import type { RedriveDeadLetter as Redrive } from '@towpath/contracts/platform/RedriveDeadLetter.v1';
import { RedriveDeadLetter } from '@towpath/contracts/platform/RedriveDeadLetter.v1';
import { isOf } from '@towpath/event-store/fold';
import { deadLetterSubject, openLetter } from '@towpath/event-store/sealed-letter';
import type { EventStore, StoredEvent } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import type { InboundRecord } from '@towpath/kafka/record';
import type { DecisionState, Reads } from '../handles.js';
import type { Received } from '../message.js';
import { Permanent } from '../permanent.js';
import { failureOf } from '../pipeline/failure.js';
import type { Inbound } from '../pipeline/inbound.js';
import type { BoundHandler, Item } from '../pipeline/item.js';
import { stepOf } from '../pipeline/story.js';
import { deadLetters } from './dead-letter.js';
import type { LetterOwner } from './letter-owner.js';
import { redrivenId } from './redriven-id.js';

export interface RedrivesOptions {
  /** which dead letters are put in here */
  readonly letters: LetterOwner;
  readonly handlers: ReadonlyMap<string, BoundHandler>;
  readonly store: Pick<EventStore, 'read'>;
  readonly vault: Pick<Vault, 'keysFor'>;
  readonly inbound: Inbound;
}

type Stored = Omit<DeadLettered, 'messageKey' | 'messageValue' | 'messageHeaders' | 'otherHeaders'> & {
  readonly messageKey: string | null;
  readonly messageValue: string | null;
  readonly messageHeaders: Readonly<Record<string, string>>;
  /** absent in what was stored before it was kept */
  readonly otherHeaders?: readonly { readonly name: string; readonly value: string | null }[];
};

/**
 * Puts a dead letter's message behind the command that redrives it, as an item of its own that goes the ordinary way: the
 * same handler, the same key, retries and, when it fails again, another dead letter. It may be put in any number of times:
 * its inbox row is the command's, and it is decided only if that command settled the dead letter.
 */
export class Redrives {
  constructor(private readonly options: RedrivesOptions) {}

  /** The items, with the redriven ones among them. What can't be redriven becomes a refusal of its command. */
  async expand(items: readonly Item[]): Promise<Item[]> {
    const expanded: Item[] = [];
    for (const item of items) {
      expanded.push(item);
      if (item.message.type !== RedriveDeadLetter.type || item.refusal) continue;
      const command = item.message as Received<typeof RedriveDeadLetter>;
      if (command.data.service !== this.options.letters.service) continue;
      const redriven = await this.redriven(command, item);
      if (redriven) expanded.push(redriven);
    }
    return expanded;
  }

  private async redriven(command: Received<typeof RedriveDeadLetter>, item: Item): Promise<Item | undefined> {
    const events = await this.options.store.read(deadLetters.of(command.data.deadLetterId));
    const opened = events.find((event) => isOf(DeadLettered, event));
    if (!opened || !this.options.letters.owns(opened.data.handler)) return undefined;
    const key = await this.keyOf(opened);
    try {
      return await this.itemOf({ command, cameAs: item.record! }, opened, key);
    } catch (error) {
      if ((error as { code?: unknown }).code === 'REGISTRY_UNAVAILABLE') throw error;
      item.refusal = { ...failureOf(error), permanent: true };
      return undefined;
    }
  }

  private async keyOf(opened: StoredEvent): Promise<Buffer | null> {
    const subject = deadLetterSubject(opened.data as Stored);
    return (await this.options.vault.keysFor([subject])).get(subject) ?? null;
  }

  private async itemOf(
    { command, cameAs }: { command: Received<typeof RedriveDeadLetter>; cameAs: InboundRecord },
    opened: StoredEvent,
    key: Buffer | null,
  ): Promise<Item> {
    const sealed = opened.data as Stored;
    if (!key) throw new Permanent('DEAD_LETTER_ERASED', `the bytes of dead letter ${sealed.deadLetterId} were erased`);
    const letter = openLetter(sealed, key);
    const handler = this.options.handlers.get(letter.originType ?? '');
    if (!handler) {
      throw new Permanent(
        'HANDLER_GONE',
        `nothing handles ${letter.originType ?? 'a message without a type'} any more`,
      );
    }
    const original = await this.original(letter, opened, handler);
    const edited = command.data.edited === null ? original : editedItem(original, letter, opened, command.data);
    return {
      ...edited,
      message: letter.keyHeld === true ? edited.message : { ...edited.message, late: true },
      handler: onlyIfSettledBy(command.id, letter.deadLetterId, handler),
      // One row per command: of two commands for one dead letter the second finds it settled.
      inbox: { id: `redrive-${command.id}`, fingerprint: Buffer.from(command.id) },
      redrive: { deadLetterId: letter.deadLetterId, attempts: letter.attempts, command: cameAs },
      firstFailedAt: new Date(letter.firstFailedAt),
    };
  }

  private async original(letter: Stored, opened: StoredEvent, handler: BoundHandler): Promise<Item> {
    const { inbound } = this.options;
    if (letter.originTopic === 'timer') return this.timer(letter, opened);
    const rawHeaders = Object.fromEntries(
      Object.entries(letter.messageHeaders).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
    );
    const record = {
      topic: letter.originTopic,
      partition: letter.originPartition,
      offset: letter.originOffset,
      timestamp: letter.originTimestamp ?? letter.firstFailedAt,
      key: bytesOf(letter.messageKey),
      value: bytesOf(letter.messageValue),
      headers: Object.fromEntries(Object.entries(rawHeaders).map(([name, value]) => [name, value.toString()])),
      rawHeaders,
      otherHeaders: (letter.otherHeaders ?? []).map(({ name, value }) => [name, bytesOf(value)] as const),
    };
    return inbound.itemOfRecord(record, handler);
  }

  private async timer(letter: Stored, opened: StoredEvent): Promise<Item> {
    const data: unknown = JSON.parse(bytesOf(letter.messageValue)?.toString() ?? 'null');
    const { metadata } = opened;
    const story = { ...metadata, hops: Math.max(0, metadata.hops - 1), path: metadata.path?.slice(0, -1) ?? [] };
    const due = { id: letter.originEventId ?? letter.deadLetterId, dueAt: new Date(letter.firstFailedAt) };
    const type = letter.originType ?? '';
    const [item] = await this.options.inbound.itemsOfTimers([{ ...due, type, data, metadata: story }]);
    if (!item) throw new Permanent('HANDLER_GONE', `nothing handles the timer ${type} any more`);
    return item;
  }
}

/** The edited data as a message of its own, caused by the one that failed. Throws what the contract says about them. */
function editedItem(original: Item, letter: Stored, opened: StoredEvent, { edited }: Redrive): Item {
  const contract = contractOf(letter.originType ?? '');
  const data = fromJson(contract, JSON.parse(edited ?? 'null'));
  check(contract, data);
  const { refusal: _refusal, ...item } = original;
  const { metadata } = opened;
  const subject = keyOf(contract, data);
  const message: Received = {
    ...original.message,
    id: redrivenId(letter.deadLetterId),
    data,
    subject,
    correlationId: metadata.correlationId,
    causationId: letter.originEventId ?? original.message.id,
    hops: original.message.hops + 1,
    path: [...original.message.path, stepOf('edited', subject)],
  };
  return { ...item, message, orderKey: subject };
}

/** The handler, which leaves the message alone unless this command settled its dead letter. */
function onlyIfSettledBy(commandId: string, deadLetterId: string, handler: BoundHandler): BoundHandler {
  const { instance } = handler;
  const { work } = instance;
  const isItsOwn = (state: DecisionState): boolean => {
    const letter = state.of(deadLetters, deadLetterId);
    // Its command is in front of it in the same group; trying again finds it decided.
    if (letter.status === 'open') throw new Error(`REDRIVE_PENDING: dead letter ${deadLetterId} is not settled yet`);
    return letter.settledBy === commandId;
  };
  const guarded: BoundHandler['instance'] = {
    ...(work && {
      work: async (message, context) => (isItsOwn(context.state) ? work.call(instance, message, context) : undefined),
    }),
    reads(message): Reads {
      const own = instance.reads?.(message);
      return { ...own, streams: [...(own?.streams ?? []), deadLetters.of(deadLetterId)] };
    },
    handle(message, state, result) {
      return isItsOwn(state) ? instance.handle(message, state, result) : [];
    },
  };
  return { ...handler, instance: guarded };
}

function bytesOf(base64: string | null): Buffer | null {
  return base64 === null ? null : Buffer.from(base64, 'base64');
}
