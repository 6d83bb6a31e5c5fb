import { z } from 'zod';

/** What the support agent is given: one message of a customer with everything that is known. */
export const ticketQuestion = z.object({
  ticketId: z.string(),
  messageId: z.string(),
  replyId: z.string(),
  customerId: z.string(),
  channel: z.string(),
  intent: z.string(),
  confidence: z.number(),
  queue: z.string(),
  text: z.string(),
  traits: z.array(z.string()),
  authorVerified: z.boolean().nullable(),
  facts: z.array(z.object({ id: z.string(), version: z.string(), kind: z.string(), text: z.string() })),
  /** every specialist that had the ticket, oldest first */
  path: z.array(z.string()),
});
export type TicketQuestion = z.output<typeof ticketQuestion>;

const source = z.object({
  kind: z.enum(['macro', 'message', 'history']),
  id: z.string(),
  version: z.string(),
  start: z.number().int(),
  end: z.number().int(),
});

/** One specialist gave the ticket to another. */
const ticketHandoff = z.object({ from: z.string(), to: z.string(), reason: z.string() });
export type TicketHandoff = z.output<typeof ticketHandoff>;

/** What the agent comes to: a reply that passed the policy check, or that a person has to answer. */
export const ticketAnswer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('reply'),
    specialist: z.string(),
    sentences: z.array(z.object({ text: z.string(), sources: z.array(source) })),
    disposition: z.enum(['send', 'review']),
    reasons: z.array(z.string()),
    handoffs: z.array(ticketHandoff),
  }),
  z.object({
    kind: z.literal('person'),
    specialist: z.string(),
    code: z.string(),
    evidence: z.string(),
    handoffs: z.array(ticketHandoff),
  }),
]);
export type TicketAnswer = z.output<typeof ticketAnswer>;
