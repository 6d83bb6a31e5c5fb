import type { Contract } from '@towpath/contracts/contract';
import type { DecisionState, Reads } from './handles.js';
import type { Emission, Received } from './message.js';
import type { GroupQueue } from './pipeline/group-queue.js';
import type { Item } from './pipeline/item.js';
import { DEFAULT_RETRY } from './pipeline/retry.decider.js';

/** A decision that no message asks for, such as the outcome of a call; see `Decisions`. */
export interface OwnDecision<Emits extends readonly Contract[]> {
  /** names the step; with the cause it makes the ids of what is appended, so it must differ between steps of one cause */
  readonly step: string;
  /** the message this goes back to */
  readonly cause: Received;
  readonly emits: Emits;
  readonly reads?: Reads;
  /** pure; may run several times. Returning nothing appends nothing. */
  decide(state: DecisionState): readonly Emission<Emits[number]>[];
}

/**
 * Appends what a service decides by itself, through the same group commit as its messages: state is read and checked
 * by version, so of two replicas that decide the same thing one sees what the other did.
 */
export class Decisions {
  constructor(private readonly queue: GroupQueue) {}

  /** Resolves with what was appended once it is committed. Rejects with what `decide` threw, or when the store is away. */
  run<const Emits extends readonly Contract[]>(decision: OwnDecision<Emits>): Promise<readonly Emission[]> {
    return new Promise((resolve, reject) => {
      const { step, cause, emits, reads, decide } = decision;
      const item: Item = {
        message: cause,
        handler: {
          name: step,
          contract: { type: cause.type } as Contract,
          emits,
          decrypts: false,
          retry: { ...DEFAULT_RETRY, retries: 0 },
          strict: false,
          instance: { ...(reads && { reads: () => reads }), handle: (_message, state) => decide(state) },
        },
        orderKey: `${cause.id}/${step}`,
        caller: { resolve, reject },
        attempts: 0,
      };
      // Its failure reaches the caller by `reject` above.
      this.queue.process([item]).catch(() => undefined);
    });
  }
}
