import type { Taint } from '@towpath/contracts/taint';
import type { ActingAgent, Emission, Received } from '../message.js';
import { Permanent } from '../permanent.js';

/** A command that an agent asks for. */
export interface Act {
  readonly agent: ActingAgent;
  readonly emission: Emission;
  /** of everything that led to it */
  readonly taint: Taint | undefined;
  readonly cause: Received;
}

/** What goes out with a command that was allowed. */
export interface Authorised {
  /** SPIFFE id */
  readonly agent: string;
  readonly proof: string;
}

/** Says whether an agent may ask for a command. Synchronous, as it is asked in the middle of a decision. */
export interface ActJudge {
  /** Throws `Permanent` with the gate's code unless the agent may. */
  authorise(act: Act): Authorised;
}

/** Stands between what handlers return and the store, for commands that agents ask for. Without a judge no agent may ask for any. */
export class ActAuthority {
  private judge: ActJudge | undefined;

  use(judge: ActJudge): void {
    this.judge = judge;
  }

  authorise(act: Act): Authorised {
    if (this.judge) return this.judge.authorise(act);
    throw new Permanent(
      'ACT_UNJUDGED',
      `${act.agent.name} asks for ${act.emission.contract.type}, and nothing judges it`,
    );
  }
}
