import { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { HaltCaptures } from '@towpath/contracts/payments/HaltCaptures.v1';
import { HoldPayouts } from '@towpath/contracts/payments/HoldPayouts.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { ReleasePayouts } from '@towpath/contracts/payments/ReleasePayouts.v1';
import { ResumeCaptures } from '@towpath/contracts/payments/ResumeCaptures.v1';

/** What an effect does, by the type of the command that asks for it, as the ledger records it. */
export const CAPTURE = CapturePayment.type;
export const CANCEL = CancelPayment.type;
export const REFUND = RefundPayment.type;
export const HOLD_PAYOUTS = HoldPayouts.type;
export const RELEASE_PAYOUTS = ReleasePayouts.type;
/** Halts and resumptions change only what egress itself may do; the ledger keeps them like any effect. */
export const HALT = HaltCaptures.type;
export const RESUME = ResumeCaptures.type;

/** The provider of effects that egress carries out by itself. */
export const OURSELVES = 'egress';
export const STRIPE = 'stripe';

/** What egress carries out by itself. */
export const OWN_ACTIONS: readonly string[] = [HALT, RESUME];
