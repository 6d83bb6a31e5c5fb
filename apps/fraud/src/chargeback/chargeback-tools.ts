import { defineTool } from '@towpath/agents/tool';
import { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { DisputeFundsWithdrawn } from '@towpath/contracts/payments/DisputeFundsWithdrawn.v1';
import { fold, isOf } from '@towpath/event-store/fold';
import type { EventStore } from '@towpath/event-store/types';
import { z } from 'zod';
import { fraudCase } from '../fraud-case.js';
import { isGuest } from '../payment-facts.js';
import { customerContacts } from './customer-contacts.js';
import { purchaseNotes } from './purchase-notes.js';

const payment = z.object({
  accountId: z.string(),
  chargedAt: z.number(),
  amountMinor: z.number(),
  currency: z.string(),
  decision: z.string(),
  captured: z.boolean(),
  returned: z.boolean(),
  withdrawn: z.boolean(),
  orderId: z.string().nullable(),
});

/** Where the tools look: the service's own store, as it is at that moment. */
export type Lookups = Pick<EventStore, 'read'>;

/** What fraud knows of a payment; null while its charge has not come. */
export function paymentTool(store: Lookups) {
  return defineTool({
    name: 'fraud.payment',
    description: 'What was decided of a payment and where its money is.',
    input: z.object({ paymentId: z.string() }),
    output: payment.nullable(),
    gives: 'own',
    async run({ paymentId }) {
      const events = await store.read(fraudCase.of(paymentId));
      const { facts, decision = 'none', captured, returned } = fold(fraudCase, events);
      if (!facts) return null;
      const { accountId, chargedAt, amountMinor, currency } = facts;
      const withdrawn = events.some(
        (event) => isOf(FraudCaseUpdated, event) && event.data.change === DisputeFundsWithdrawn.type,
      );
      const { orderId } = fold(purchaseNotes, await store.read(purchaseNotes.of(paymentId)));
      return { accountId, chargedAt, amountMinor, currency, decision, captured, returned, withdrawn, orderId };
    },
  });
}

/** What support was asked by a customer in a time. */
export function contactsTool(store: Lookups) {
  return defineTool({
    name: 'support.contacts',
    description: 'Tickets that the customer of an account opened between two instants.',
    input: z.object({ accountId: z.string(), from: z.number(), until: z.number() }),
    output: z.object({ ticketIds: z.array(z.string()) }),
    gives: 'own',
    async run({ accountId, from, until }) {
      if (isGuest(accountId)) return { ticketIds: [] };
      const contacts = fold(customerContacts, await store.read(customerContacts.of(accountId)));
      const within = contacts.filter(({ firstAt }) => firstAt >= from && firstAt <= until);
      return { ticketIds: within.map(({ ticketId }) => ticketId) };
    },
  });
}
