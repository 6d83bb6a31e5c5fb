import type { Contract } from '@towpath/contracts/contract';
import type { CommandRef } from './command-id.js';
import type { PersonAsked } from './step-options.js';

/** What a person is to be asked: the data of a message of ReviewRequested, which its sender completes. */
export interface ReviewWanted extends PersonAsked {
  /** the wait that it is for */
  readonly part: string;
}

/** What a decision appends: an event of the saga, a command, a question to a person, or with `dueAt` a timer. */
export interface Message<C extends Contract = Contract> {
  readonly contract: C;
  readonly data: unknown;
  /** set for a command: its ce_id */
  readonly id?: string;
  readonly dueAt?: Date;
}

/** What a saga hears of. */
export type Input =
  | {
      readonly kind: 'start';
      readonly sagaId: string;
      readonly key: string;
      /** personal data readable */
      readonly data: unknown;
      readonly messageId: string;
    }
  | {
      readonly kind: 'reply';
      readonly ref: CommandRef;
      readonly commandId: string;
      readonly contract: Contract;
      readonly data: unknown;
      readonly messageId: string;
    }
  | {
      readonly kind: 'event';
      /** the wait that it is for; null when it ends the saga */
      readonly part: string | null;
      readonly contract: Contract;
      readonly data: unknown;
      readonly messageId: string;
    }
  /** a person answered what a wait asked */
  | {
      readonly kind: 'person';
      readonly part: string;
      readonly decision: 'approve' | 'reject';
      readonly actor: string;
      readonly reason: string;
    }
  /** a timer fired, or a person's decision was folded into the state: it goes on */
  | { readonly kind: 'look' };
