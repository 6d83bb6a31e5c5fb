import { AssignTicket } from '@towpath/contracts/tickets/AssignTicket.v1';
import { emit, type Emission } from '@towpath/service-kit/message';

/** Whose tickets these are. */
export interface Assignment {
  readonly ticketId: string;
  readonly channel: string;
  readonly customerId: string;
  readonly queue: string;
  readonly note: string;
}

const NOTE_CHARS_MAX = 1_000;

/** Puts a ticket into a queue of its provider. E-mail has no queues: there the case itself says who has it. */
export function assign(assignment: Assignment): Emission<typeof AssignTicket>[] {
  if (assignment.channel === 'email') return [];
  return [emit(AssignTicket, { ...assignment, note: assignment.note.slice(0, NOTE_CHARS_MAX) })];
}
