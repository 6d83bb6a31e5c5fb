/** The queues that a ticket can go to. */
export const QUEUES = ['billing', 'technical', 'account', 'fraud', 'general'] as const;

export type Queue = (typeof QUEUES)[number];

/** The queue of a message about nothing that the model was taught, and of an intent without a queue of its own. */
export const QUEUE_OUT_OF_SCOPE: Queue = 'general';

export function isQueue(name: string): name is Queue {
  return (QUEUES as readonly string[]).includes(name);
}
