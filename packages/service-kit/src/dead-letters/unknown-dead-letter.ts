import { Permanent } from '../permanent.js';

/** A command for a dead letter that this service's store does not have; it becomes a dead letter itself. */
export function unknownDeadLetter(deadLetterId: string, service: string): Permanent {
  return new Permanent(
    'DEAD_LETTER_UNKNOWN',
    `${service} has no dead letter ${deadLetterId}; see \`towpath dlq list\``,
  );
}
