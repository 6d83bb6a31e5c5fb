import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import { CUSTOMER, SupportWorld, TICKET } from './support-world.fixture.js';

export const ORDER = 'Where is my order?';
export const REFUND = { intent: 'refund_request', queue: 'billing' };

export async function asked(
  body: string,
  over: Parameters<SupportWorld['customerWrites']>[1] = {},
  world = new SupportWorld(),
) {
  return world.customerWrites(body, over).settle();
}

export const effect = {
  effectId: 'e1',
  provider: 'zendesk',
  subjectId: TICKET,
  accountId: CUSTOMER,
  idempotencyKey: 'k',
  commandId: null,
  attempts: 1,
};
export const confirmed = {
  ...effect,
  action: SendTicketReply.type,
  providerReference: 'comment-9',
  confirmedAt: 5,
  dryRun: false,
};
