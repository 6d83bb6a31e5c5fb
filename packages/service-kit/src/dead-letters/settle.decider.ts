/** What became of a dead letter. */
export interface DeadLetter {
  readonly status: 'unknown' | 'open' | 'redriven' | 'discarded';
  /** the command that redrove or discarded it */
  readonly settledBy: string | null;
  /** `ce_id` of its message */
  readonly messageId: string | null;
  /** its key waits for this to be settled */
  readonly keyHeld: boolean;
}

/** What a command about a dead letter comes to. */
export type Settling = 'settle' | 'nothing' | 'unknown';

/**
 * A dead letter is settled by the first command that reaches its owner; later ones, and those for other services, do
 * nothing. `unknown`: the command names this service, whose store has no such dead letter.
 */
export function settling(letter: DeadLetter, asked: { readonly service: string }, service: string): Settling {
  if (asked.service !== service) return 'nothing';
  if (letter.status === 'unknown') return 'unknown';
  return letter.status === 'open' ? 'settle' : 'nothing';
}
