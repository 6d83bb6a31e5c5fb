import { Permanent } from '../permanent.js';

/** A command for a dead letter that this service's store does not have, or no longer; it becomes a dead letter itself. */
export function unknownDeadLetter(deadLetterId: string, service: string): Permanent {
  return new Permanent(
    'DEAD_LETTER_UNKNOWN',
    `${service} has no dead letter ${deadLetterId}, or archived it after its time; see \`towpath dlq list\``,
  );
}
