import type { Contract, DataOf } from '@towpath/contracts/contract';
import type { Ask } from './ask.js';

/** What steps said, by name of the step. Personal data in it are null. */
export type Results = object;

/** What a command may be made from. */
export interface Facts<Start, R extends Results> {
  readonly sagaId: string;
  /** what the instance is about, such as the order */
  readonly key: string;
  /** the event that began it, personal data readable; those of an erased person read `erased` */
  readonly start: Start;
  readonly results: R;
  /** which way each step was done: the step's own name, or that of an alternative; absent when it was not done */
  readonly ways: { readonly [S in keyof R]?: string };
  /** time of the decision; the only clock there is */
  readonly now: Date;
}

type OneOrMore<C extends Contract> = C | readonly C[];

/**
 * The command that takes a step back, or the word for a step that nothing takes back. The step's own result is absent when
 * nobody knows it: what receives the command answers it as done when there is nothing to undo, and fences the late act.
 */
export type Undo<Start, R extends Results, Name extends string, Done extends Contract> =
  ((facts: Facts<Start, R & { readonly [S in Name]?: DataOf<Done> }>) => Ask) | 'irreversible';

/** A command that has no answer. */
export interface AskedCommand {
  readonly commandId: string;
  /** its type */
  readonly action: string;
}

/** One way to do a step, with what takes it back. */
export interface Way<Start, R extends Results, Name extends string, Done extends Contract> {
  do(facts: Facts<Start, R>): Ask;
  readonly undo: Undo<Start, R, Name, Done>;
  /** what says that the undo was done; left out = what says that the step was */
  readonly undone?: OneOrMore<Contract>;
  /** what says that the undo was refused; left out = what says that the step was */
  readonly undoFailed?: OneOrMore<Contract>;
  /**
   * The command that asks what became of one whose outcome nobody knows; it is answered with what answers the step. Left out, a step
   * that `EffectConfirmed` ends asks egress, and any other step is asked again, which is safe where the receiver is idempotent.
   */
  probe?(facts: Facts<Start, R>, asked: AskedCommand): Ask;
}

/** Another way, taken when the ones before it were refused. */
export interface Alternative<
  Start,
  R extends Results,
  Name extends string,
  Done extends Contract,
  Other extends Contract,
> extends Way<Start, R, Name, Done | Other> {
  readonly name: string;
  /** left out = as the step's */
  readonly done?: OneOrMore<Other>;
  readonly failed?: OneOrMore<Contract>;
  readonly unknown?: OneOrMore<Contract>;
}

/** How often a way is tried: `attempts` in all, 1 to 10, with a pause that doubles from `backoffMs`. */
export interface Retry {
  readonly attempts: number;
  readonly backoffMs: number;
  /** which refusals are worth another attempt, by their code; left out = all */
  only?(code: string): boolean;
}

/** A step. Without `undo` it does not compile: a command, or the word `irreversible`. */
export interface StepOptions<
  Start,
  R extends Results,
  Name extends string,
  Done extends Contract,
  Other extends Contract,
> extends Way<Start, R, Name, Done> {
  /** what says that it was done: an event caused by the command */
  readonly done: OneOrMore<Done>;
  /** what says that it was not done and will not be */
  readonly failed: OneOrMore<Contract>;
  /** what says that nobody knows */
  readonly unknown?: OneOrMore<Contract>;
  /** after this time without an answer its outcome is unknown */
  readonly timeoutMs: number;
  /** left out = one attempt */
  readonly retry?: Retry;
  /** tried in this order, each when the way before it was refused for good */
  readonly alternatives?: readonly Alternative<Start, R, Name, Done, Other>[];
}

/** A step that the saga can do without; its result may be absent. */
export interface OptionalStepOptions<
  Start,
  R extends Results,
  Name extends string,
  Done extends Contract,
  Other extends Contract,
> extends StepOptions<Start, R, Name, Done, Other> {
  /** it is skipped when this is false */
  when?(facts: Facts<Start, R>): boolean;
  /** what happens when it fails; left out = what was done is undone */
  readonly whenFailed?: 'compensate' | 'continue';
}

/** What happens when the time to wait is over: what was done is undone (when left out), or the saga goes on. */
export type TimesOut = 'compensate' | 'continue';

/** Waits for an event that no command caused. It counts also when it comes before the saga gets there. */
export interface WaitForEvent<Start, R extends Results, E extends Contract, T extends TimesOut> {
  readonly event: E;
  /** which instance it is for: the instance's key, or null for none */
  key(data: DataOf<E>): string | null;
  readonly timeoutMs: number;
  readonly timesOut?: T;
  when?(facts: Facts<Start, R>): boolean;
}

/** What a person is asked; names nobody. */
export interface PersonAsked {
  readonly reason: string;
  readonly evidence: object;
  /** roles that may decide it; left out = every role that reviews sagas */
  readonly roles?: readonly string[];
  /** money at stake: above a limit of its currency two people have to agree */
  readonly amount?: { readonly minor: number; readonly currency: string };
}

/** What a person said. A rejection undoes what was done. */
export interface PersonDecided {
  readonly decision: 'approve' | 'reject';
  readonly actor: string;
  readonly reason: string;
}

/** Waits for a person's approval, as a review that the console and the command line show. */
export interface WaitForPerson<Start, R extends Results, T extends TimesOut> {
  person(facts: Facts<Start, R>): PersonAsked;
  readonly timeoutMs: number;
  readonly timesOut?: T;
  when?(facts: Facts<Start, R>): boolean;
}
