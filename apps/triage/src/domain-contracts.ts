import { ResolvePaymentReview } from '@towpath/contracts/fraud/ResolvePaymentReview.v1';
import { UnfreezeAccount } from '@towpath/contracts/fraud/UnfreezeAccount.v1';
import { AlertTriggered } from '@towpath/contracts/ops/AlertTriggered.v1';
import { DeployCompleted } from '@towpath/contracts/ops/DeployCompleted.v1';
import { OperationRecorded } from '@towpath/contracts/ops/OperationRecorded.v1';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { DisputeClosed } from '@towpath/contracts/payments/DisputeClosed.v1';
import { DisputeFundsWithdrawn } from '@towpath/contracts/payments/DisputeFundsWithdrawn.v1';
import { DisputeOpened } from '@towpath/contracts/payments/DisputeOpened.v1';
import { PaymentCanceled } from '@towpath/contracts/payments/PaymentCanceled.v1';
import { PaymentCaptured } from '@towpath/contracts/payments/PaymentCaptured.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { PaymentRefunded } from '@towpath/contracts/payments/PaymentRefunded.v1';
import { PaymentStatusChanged } from '@towpath/contracts/payments/PaymentStatusChanged.v1';
import { ProviderReviewOpened } from '@towpath/contracts/payments/ProviderReviewOpened.v1';
import { RefundUpdated } from '@towpath/contracts/payments/RefundUpdated.v1';
import { DiscardDeadLetter } from '@towpath/contracts/platform/DiscardDeadLetter.v1';
import { RedriveDeadLetter } from '@towpath/contracts/platform/RedriveDeadLetter.v1';
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
  DeployCompleted,
  AlertTriggered,
  OperationRecorded,
  UnfreezeAccount,
  ResolvePaymentReview,
  RedriveDeadLetter,
  DiscardDeadLetter,
] as const;

export type DomainMessage = Emission<(typeof domainContracts)[number]>;
