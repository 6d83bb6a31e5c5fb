import type { Contract } from '@towpath/contracts/contract';
import type { InboundRecord } from '@towpath/kafka/record';
import type { Handler, HandlerEntry } from '../handles.js';
import type { Emission, Received } from '../message.js';

/** A registered handler with its instance. */
export interface BoundHandler extends HandlerEntry {
  readonly instance: Handler<Contract, readonly Contract[]>;
}

/** One message on its way through the pipeline. */
export interface Item {
  readonly message: Received;
  readonly handler: BoundHandler;
  /** messages of one key are decided in the order they came */
  readonly orderKey: string;
  /** how the inbox recognises a repeat; absent for a decision of the service's own */
  readonly inbox?: { readonly id: string; readonly fingerprint: Buffer };
  /** what came in, for a dead letter; absent for a timer */
  readonly record?: InboundRecord;
  /** set when the message is a timer that fired */
  readonly timerId?: string;
  /** set for a decision of the service's own: told what was appended, or why nothing was; never dead-lettered */
  readonly caller?: { resolve(emissions: readonly Emission[]): void; reject(error: Error): void };
  /** set when the message can not be handed to its handler */
  refusal?: Failure;
  /** decisions that have failed so far */
  attempts: number;
  firstFailedAt?: Date;
}

/** Why a message could not be decided. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly stack: string | null;
  /** false when trying again may help */
  readonly permanent: boolean;
}
