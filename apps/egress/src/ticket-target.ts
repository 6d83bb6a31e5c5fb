import type { Target } from './adapter.js';
import { Unsendable } from './failed-call.js';

interface TicketCommand {
  readonly ticketId: string;
  readonly channel: string;
  readonly customerId: string;
}

/** A ticket's command goes to the provider that its channel names. */
export function ticketTarget(channel: string) {
  return (data: TicketCommand): Target | undefined =>
    data.channel === channel ? { subjectId: data.ticketId, accountId: data.customerId } : undefined;
}

/** The provider's own id in `<provider>:<account>:<id>`; throws Unsendable. */
export function providerIdOf(ticketId: string): string {
  const id = ticketId.slice(ticketId.lastIndexOf(':') + 1);
  if (/^[A-Za-z0-9_-]{1,64}$/.test(id)) return id;
  throw new Unsendable('TICKET_ID_INVALID', `${ticketId} ends in no id that the provider could know`);
}

/**
 * Who gets what is handed to a queue, from a setting such as `billing=123,technical=456`; throws Unsendable for a queue
 * that the setting does not name.
 */
export function assigneeOf(setting: string, queue: string): string {
  const pairs = new Map(setting.split(',').map((pair) => pair.trim().split('=') as [string, string]));
  const id = pairs.get(queue);
  if (id !== undefined && /^\d{1,20}$/.test(id)) return id;
  throw new Unsendable('QUEUE_UNKNOWN', `no group is set for the queue ${queue}`);
}

/** The ids that the sandbox's counterparts know. */
export const SANDBOX_QUEUES = 'billing=1,technical=2,account=3,fraud=4,general=5,escalations=6';
