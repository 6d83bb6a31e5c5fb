import { defineAgent } from '@towpath/agents/agent';
import { makerChecker } from '@towpath/agents/patterns/group-chat';
import { planner, type Ledger, type Progress, type Task } from '@towpath/agents/patterns/planner';
import type { Run } from '@towpath/agents/run';
import { z } from 'zod';
import {
  objectionsTo,
  proposeRefund,
  verdictOf,
  type ContactView,
  type Dispute,
  type Findings,
  type PaymentView,
  type Refund,
} from './chargeback.decider.js';
import { contactsTool, paymentTool, type Lookups } from './chargeback-tools.js';

const dispute = z.object({
  paymentId: z.string(),
  disputeId: z.string(),
  reason: z.string(),
  amountMinor: z.number(),
  currency: z.string(),
  openedAt: z.number(),
});

const verdict = z.object({
  action: z.enum(['accept', 'refund', 'contest']),
  refundMinor: z.number(),
  currency: z.string(),
  reasons: z.array(z.string()),
  /** what it was decided from; names nobody */
  evidence: z.record(z.string(), z.unknown()),
  accountId: z.string(),
});
export type ChargebackVerdict = z.infer<typeof verdict>;

/** Nobody lets money go alone: one works out what to send back, another holds it against what was taken. */
const refundProposal = makerChecker<{ readonly dispute: Dispute; readonly payment: PaymentView }, Refund>({
  maker: 'refund-maker',
  make: ({ dispute: of, payment }, objections) => proposeRefund(of, payment, objections),
  checker: 'refund-checker',
  check: ({ dispute: of, payment }, refund) => {
    const objections = objectionsTo(refund, of, payment);
    return { approved: objections.length === 0, objections };
  },
});

const stays = (note: string): Progress => ({ finished: false, facts: {}, note });

/** What is still to be found out, in the order in which one needs the other. */
function planFor({ facts, resets }: Ledger<Dispute>): Task[] {
  return ['payment', 'contacts', 'refund']
    .filter((name) => facts[name] === undefined)
    .map((name) => ({ id: `${name}/${resets}`, worker: name, args: {} }));
}

/**
 * Works on a dispute over what fraud, support and the money say. What nobody knows yet is asked for anew once; after that a person has
 * to look.
 */
export function chargebackAgent(store: Lookups) {
  const [payments, contacts] = [paymentTool(store), contactsTool(store)];
  return defineAgent<Dispute, ChargebackVerdict>({
    name: 'chargeback',
    version: '2',
    identity: { scopes: [] },
    instructions: { version: '1', text: 'Find out what a disputed payment was, and what is to be done about it.' },
    tools: [payments, contacts],
    limits: { turns: 24, toolCalls: 8, depth: 3 },
    input: dispute,
    output: verdict,
    policy: planner<Dispute, ChargebackVerdict>({
      plan: planFor,
      workers: {
        payment: async (_task: Task, { input }: Ledger<Dispute>, run: Run) => {
          const found = await run.tool(payments, { paymentId: input.paymentId });
          return found
            ? { finished: true, facts: { payment: found } }
            : stays('the charge of the payment is not known');
        },
        contacts: async (_task, { input, facts }, run) => {
          const payment = facts['payment'] as PaymentView | undefined;
          if (!payment) return stays('whose payment it is is not known');
          const { accountId, chargedAt: from } = payment;
          const found = await run.tool(contacts, { accountId, from, until: input.openedAt });
          return { finished: true, facts: { contacts: found } };
        },
        refund: async (_task, { input, facts }, run) => {
          const payment = facts['payment'] as PaymentView | undefined;
          if (!payment) return stays('what was taken is not known');
          return { finished: true, facts: { refund: await refundProposal({ dispute: input, payment }, run) } };
        },
      },
      result: ({ input, facts }) => {
        if (!facts['payment'] || !facts['contacts'] || !facts['refund']) return undefined;
        const findings = facts as unknown as Findings;
        const { ticketIds } = facts['contacts'] as ContactView;
        const { accountId, ...payment } = findings.payment;
        const evidence = { dispute: input, payment, tickets: ticketIds };
        const { reasons, ...decided } = verdictOf(input, findings);
        return { ...decided, reasons: [...reasons], evidence, accountId };
      },
    }),
  });
}
