import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';

/** A place in a consumer group, which outlives the consumers that sit in it one after the other. */
export interface Seat {
  /** by which the coordinator knows who sat there last, unless that one said goodbye */
  memberId?: string;
  /** somebody sits there, or left without hanging up */
  taken?: boolean;
}

/** What kafkajs makes of a membership. */
interface ConsumerGroup {
  memberId: string | null;
  seat?: Seat;
  connect(): Promise<void>;
  leave(): Promise<void>;
}

const require = createRequire(import.meta.url);
const { prototype } = require('kafkajs/src/consumer/consumerGroup.js') as { prototype: ConsumerGroup };
const seats = new AsyncLocalStorage<Seat>();

/**
 * Runs what joins a group, so that it joins in this seat. A consumer that was given up while its coordinator was away could not
 * leave, and kafkajs has its successor come as somebody new: the group then waits for one who never comes (3 to 6 s). One that
 * comes under the name of its predecessor, who must have hung up, is waited for by nobody. A name that the coordinator has
 * forgotten is refused, and kafkajs asks for a new one.
 */
export function joinIn<T>(seat: Seat, join: () => Promise<T>): Promise<T> {
  return seats.run(seat, join);
}

function patchConsumerGroup(): void {
  const { connect, leave } = prototype;
  prototype.connect = async function (this: ConsumerGroup) {
    const seat = seats.getStore();
    if (seat) Object.assign(this, { seat, memberId: seat.memberId ?? null });
    await connect.call(this);
  };
  prototype.leave = async function (this: ConsumerGroup) {
    await leave.call(this);
    delete this.seat?.memberId;
  };
}

patchConsumerGroup();
