import type { Metadata } from '@towpath/event-store/types';

/** A message as its producer's store has it. */
export interface StoredMessage {
  readonly schema: string;
  readonly topic: string;
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly version: number;
  readonly data: object;
  readonly metadata: Metadata;
  readonly occurredAt: string;
}

/** A message for a service's program to decide again: as its producer's store has it, or as a topic has it, bytes in base64. */
export type ReplayMessage =
  | StoredMessage
  | {
      readonly record: {
        readonly topic: string;
        readonly timestamp: number;
        readonly key: string | null;
        readonly value: string | null;
        readonly headers: Readonly<Record<string, string>>;
      };
    };

/** What a service's program says of one message; see its `Verdict`. */
export interface Verdict {
  readonly message: string;
  readonly type: string;
  readonly handler: string;
  readonly verdict: 'same' | 'differs' | 'failed' | 'unseen' | 'archived';
  readonly events: number;
  readonly decidedBy?: string;
  readonly differences: readonly { readonly place: string; readonly recorded: string; readonly replayed: string }[];
  readonly detail?: string;
}
