import { Service } from '@towpath/service-kit/service';
import { AddPaymentContext } from './add-payment-context.handler.js';
import { ConfirmFraud } from './confirm-fraud.handler.js';
import { OpenFraudCase } from './open-fraud-case.handler.js';
import { PassContextDeadline } from './pass-context-deadline.handler.js';
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

export const projections = [customers, cards, ips, merchants, accounts] as const;

export const handlers = [
  OpenFraudCase,
  AddPaymentContext,
  PassContextDeadline,
  UpdateFraudCase,
  RecordEffect,
  ConfirmFraud,
  PassReviewDeadline,
  ResolvePaymentReviewHandler,
  UnfreezeAccountHandler,
];

/** Decides each payment once: approved, held for a person, or blocked. */
@Service({ name: 'fraud', handlers, projections: [...projections] })
export class FraudModule {}
