import { AgentsModule } from '@towpath/agents/agents.module';
import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { PaymentBlocked } from '@towpath/contracts/fraud/PaymentBlocked.v1';
import { PaymentHeldForReview } from '@towpath/contracts/fraud/PaymentHeldForReview.v1';
import { outcome } from '@towpath/service-kit/replay/outcome';
import { Service } from '@towpath/service-kit/service';
import { account } from './account.js';
import { AddPaymentContext } from './add-payment-context.handler.js';
import { AskForOpinion } from './ask-for-opinion.handler.js';
import { chargeback } from './chargeback/chargeback.js';
import { purchaseNotes } from './chargeback/purchase-notes.js';
import { customerContacts } from './chargeback/customer-contacts.js';
import { fraudConfig } from './config.js';
import { ConfirmFraud } from './confirm-fraud.handler.js';
import { DecideReviewHandler } from './decide-review.handler.js';
import { fraudCase } from './fraud-case.js';
import { NoteCustomerContact } from './note-customer-contact.handler.js';
import { OpenFraudCase } from './open-fraud-case.handler.js';
import { NotePurchase } from './note-purchase.handler.js';
import { Judge } from './judge.js';
import { PassContextDeadline } from './pass-context-deadline.handler.js';
import { PassOpinionDeadline } from './pass-opinion-deadline.handler.js';
import { PassReviewDeadline } from './pass-review-deadline.handler.js';
import { accounts } from './profiles/accounts.projection.js';
import { cards } from './profiles/cards.projection.js';
import { customers } from './profiles/customers.projection.js';
import { ips } from './profiles/ips.projection.js';
import { merchants } from './profiles/merchants.projection.js';
import { RecordEffect } from './record-effect.handler.js';
import { ResolvePaymentReviewHandler } from './resolve-payment-review.handler.js';
import { UnfreezeAccountHandler } from './unfreeze-account.handler.js';
import { UpdateFraudCase } from './update-fraud-case.handler.js';
import { WorkChargeback } from './work-chargeback.handler.js';

export const aggregates = [fraudCase, account, chargeback, customerContacts, purchaseNotes] as const;

export const projections = [customers, cards, ips, merchants, accounts] as const;

export const handlers = [
  OpenFraudCase,
  AddPaymentContext,
  PassContextDeadline,
  AskForOpinion,
  PassOpinionDeadline,
  UpdateFraudCase,
  RecordEffect,
  ConfirmFraud,
  NoteCustomerContact,
  NotePurchase,
  WorkChargeback,
  PassReviewDeadline,
  DecideReviewHandler,
  ResolvePaymentReviewHandler,
  UnfreezeAccountHandler,
];

/** Decides each payment once: approved, held for a person, or blocked. */
@Service({
  name: 'fraud',
  handlers,
  aggregates: [...aggregates],
  projections: [...projections],
  imports: [AgentsModule],
  outcomes: [outcome(PaymentApproved), outcome(PaymentHeldForReview), outcome(PaymentBlocked)],
  providers: [Judge],
  config: fraudConfig,
})
export class FraudModule {}
