import { CancelRun } from '@towpath/contracts/agents/CancelRun.v1';
import { RetryRun } from '@towpath/contracts/agents/RetryRun.v1';
import { ReceiveStock } from '@towpath/contracts/commerce/ReceiveStock.v1';
import { CustomerSignedUp } from '@towpath/contracts/customers/CustomerSignedUp.v1';
import { FormCompleted } from '@towpath/contracts/customers/FormCompleted.v1';
import { ProductTriggerFired } from '@towpath/contracts/customers/ProductTriggerFired.v1';
import { UnfreezeAccount } from '@towpath/contracts/fraud/UnfreezeAccount.v1';
import { CloseLead } from '@towpath/contracts/growth/CloseLead.v1';
import { TakeLead } from '@towpath/contracts/growth/TakeLead.v1';
import { LoanApplicationReceived } from '@towpath/contracts/loans/LoanApplicationReceived.v1';
import { AlertTriggered } from '@towpath/contracts/ops/AlertTriggered.v1';
import { DeployCompleted } from '@towpath/contracts/ops/DeployCompleted.v1';
import { OperationRecorded } from '@towpath/contracts/ops/OperationRecorded.v1';
import { OrderPlaced } from '@towpath/contracts/orders/OrderPlaced.v1';
import { RefundRequested } from '@towpath/contracts/orders/RefundRequested.v1';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { DisputeClosed } from '@towpath/contracts/payments/DisputeClosed.v1';
import { DisputeFundsWithdrawn } from '@towpath/contracts/payments/DisputeFundsWithdrawn.v1';
import { DisputeOpened } from '@towpath/contracts/payments/DisputeOpened.v1';
import { InvoicePaid } from '@towpath/contracts/payments/InvoicePaid.v1';
import { InvoicePaymentFailed } from '@towpath/contracts/payments/InvoicePaymentFailed.v1';
import { PaymentCanceled } from '@towpath/contracts/payments/PaymentCanceled.v1';
import { PaymentCaptured } from '@towpath/contracts/payments/PaymentCaptured.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { PaymentRefunded } from '@towpath/contracts/payments/PaymentRefunded.v1';
import { PaymentStatusChanged } from '@towpath/contracts/payments/PaymentStatusChanged.v1';
import { ProviderReviewOpened } from '@towpath/contracts/payments/ProviderReviewOpened.v1';
import { RefundUpdated } from '@towpath/contracts/payments/RefundUpdated.v1';
import { SubscriptionChanged } from '@towpath/contracts/payments/SubscriptionChanged.v1';
import { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { DiscardDeadLetter } from '@towpath/contracts/platform/DiscardDeadLetter.v1';
import { EraseSubject } from '@towpath/contracts/platform/EraseSubject.v1';
import { RedriveDeadLetter } from '@towpath/contracts/platform/RedriveDeadLetter.v1';
import { ResetBreaker } from '@towpath/contracts/platform/ResetBreaker.v1';
import { SettleEffect } from '@towpath/contracts/platform/SettleEffect.v1';
import { SwitchAgent } from '@towpath/contracts/platform/SwitchAgent.v1';
import { CancelSaga } from '@towpath/contracts/sagas/CancelSaga.v1';
import { PauseSaga } from '@towpath/contracts/sagas/PauseSaga.v1';
import { ResumeSaga } from '@towpath/contracts/sagas/ResumeSaga.v1';
import { RetrySagaStep } from '@towpath/contracts/sagas/RetrySagaStep.v1';
import { SkipSagaStep } from '@towpath/contracts/sagas/SkipSagaStep.v1';
import { ReleaseTicket } from '@towpath/contracts/support/ReleaseTicket.v1';
import { TakeTicket } from '@towpath/contracts/support/TakeTicket.v1';
import { TicketReceived } from '@towpath/contracts/tickets/TicketReceived.v1';
import type { Emission } from '@towpath/service-kit/message';

/** Every domain message that a delivery can become. */
export const domainContracts = [
  ChargeSucceeded,
  PaymentFailed,
  PaymentCaptured,
  PaymentCanceled,
  PaymentRefunded,
  RefundUpdated,
  DisputeOpened,
  DisputeFundsWithdrawn,
  DisputeClosed,
  PaymentStatusChanged,
  ProviderReviewOpened,
  InvoicePaymentFailed,
  InvoicePaid,
  SubscriptionChanged,
  TicketReceived,
  LoanApplicationReceived,
  OrderPlaced,
  RefundRequested,
  ReceiveStock,
  CustomerSignedUp,
  FormCompleted,
  ProductTriggerFired,
  DeployCompleted,
  AlertTriggered,
  OperationRecorded,
  UnfreezeAccount,
  DecideReview,
  RedriveDeadLetter,
  DiscardDeadLetter,
  EraseSubject,
  SettleEffect,
  ResetBreaker,
  CancelRun,
  RetryRun,
  SwitchAgent,
  TakeTicket,
  ReleaseTicket,
  CancelSaga,
  PauseSaga,
  ResumeSaga,
  RetrySagaStep,
  SkipSagaStep,
  TakeLead,
  CloseLead,
] as const;

export type DomainMessage = Emission<(typeof domainContracts)[number]>;
