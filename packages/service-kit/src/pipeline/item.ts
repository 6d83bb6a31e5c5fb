import type { Span } from '@opentelemetry/api';
import type { Contract } from '@towpath/contracts/contract';
import type { Claim } from '@towpath/event-store/held-types';
import type { RestoredEvent } from '@towpath/event-store/restore/restored';
import type { DueTimer, InboxRow } from '@towpath/event-store/types';
import type { InboundRecord } from '@towpath/kafka/record';
import type { HandlerEntry, QueuedHandler } from '../handles.js';
import type { Emission, Received } from '../message.js';
import type { WorkNotes } from './work-notes.js';

type Queued = QueuedHandler<Contract, readonly Contract[]>;

/** A registered handler with its instance, which has `work` when it is queued. */
export interface BoundHandler extends HandlerEntry {
  readonly instance: Omit<Queued, 'work'> & Partial<Pick<Queued, 'work'>>;
}

/** One message on its way through the pipeline. */
export interface Item {
  readonly message: Received;
  readonly handler: BoundHandler;
  /** messages of one key are decided in the order they came */
  readonly orderKey: string;
  /** how the inbox recognises a repeat; absent for a decision of the service's own */
  readonly inbox?: Pick<InboxRow, 'fingerprint' | 'mark'> & { readonly id: string };
  /** what came in, for a dead letter; absent for a timer */
  readonly record?: InboundRecord;
  /** set when the message is a timer that fired */
  readonly timer?: DueTimer;
  /** set for a decision of the service's own: told what was appended, or why nothing was; never dead-lettered */
  readonly caller?: { resolve(emissions: readonly Emission[]): void; reject(error: Error): void };
  /** set when the message comes from a dead letter: which one, and how often it had been tried before it */
  readonly redrive?: {
    readonly deadLetterId: string;
    readonly attempts: number;
    /** the command as it came in */
    readonly command: InboundRecord;
  };
  /** set when the message waited: the lease on its row, which stands for its inbox row */
  readonly held?: Claim;
  /** what the work of its queued handler gave */
  readonly work?: { readonly result: unknown; readonly notes?: WorkNotes };
  /** set after a restore: what the message led to before the database was set back */
  readonly restored?: readonly RestoredEvent[];
  /** set after a restore when a decision that came before this one is not made again yet */
  readonly early?: true;
  /** set when the message can not be handed to its handler, or its work failed */
  refusal?: Failure;
  /** decisions that have failed so far */
  readonly attempts: number;
  readonly firstFailedAt?: Date;
  /** the work on it, while traces are recorded */
  readonly span?: Span;
}

/** Why a message could not be decided. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly stack: string | null;
  /** false when trying again may help */
  readonly permanent: boolean;
}
