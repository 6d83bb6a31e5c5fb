import { decisionId } from '../pipeline/story.js';

/** The id of the message that a dead letter's edited data become: another message than the one that failed. */
export function redrivenId(deadLetterId: string): string {
  return decisionId(deadLetterId, 'edited', 0);
}
