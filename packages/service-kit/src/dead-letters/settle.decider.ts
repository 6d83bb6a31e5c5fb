/** What became of a dead letter. */
export interface DeadLetter {
  readonly status: 'unknown' | 'open' | 'redriven' | 'discarded';
  /** the command that redrove or discarded it */
  readonly settledBy: string | null;
  /** `ce_id` of its message */
  readonly messageId: string | null;
  /** whose message it was; null while it is unknown */
  readonly handler: string | null;
  /** its key waits for this to be settled */
  readonly keyHeld: boolean;
}

/** Which dead letters a consumer group decides about. */
export interface Owner {
  readonly service: string;
  /** whether it speaks for those that the store does not have */
  readonly answers: boolean;
  owns(handler: string | null): boolean;
}

/** What a command about a dead letter comes to. */
export type Settling = 'settle' | 'nothing' | 'unknown';

/**
 * A dead letter is settled by the first command that reaches its owner; later ones, and those for other services or for other groups
 * of this one, do nothing. `unknown`: the command names this service, whose store has no such dead letter.
 */
export function settling(letter: DeadLetter, asked: { readonly service: string }, owner: Owner): Settling {
  if (asked.service !== owner.service) return 'nothing';
  if (letter.status === 'unknown') return owner.answers ? 'unknown' : 'nothing';
  if (!owner.owns(letter.handler)) return 'nothing';
  return letter.status === 'open' ? 'settle' : 'nothing';
}
