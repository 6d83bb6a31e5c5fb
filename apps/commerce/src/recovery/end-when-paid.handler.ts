import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { InvoicePaid } from '@towpath/contracts/payments/InvoicePaid.v1';
import { PaymentCaptured } from '@towpath/contracts/payments/PaymentCaptured.v1';
import { RecoveryPaymentSeen } from '@towpath/contracts/payments/RecoveryPaymentSeen.v1';
import { Handles, type DecisionState, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { recoveryCase } from './recovery-case.js';
import { END_EMITS, endOf } from './recovery-end.js';

const EMITS = [RecoveryPaymentSeen, ...END_EMITS] as const;
type Outgoing = Emission<(typeof EMITS)[number]>;
type Paid = Received<typeof PaymentCaptured> | Received<typeof ChargeSucceeded> | Received<typeof InvoicePaid>;

/** The customer paid, by the declined payment itself or by one that stands for it: from here on nothing more is tried. */
@Handles(PaymentCaptured, { emits: EMITS })
@Handles(ChargeSucceeded, { emits: EMITS })
@Handles(InvoicePaid, { emits: EMITS })
export class EndWhenPaid {
  reads(message: Paid): Reads {
    return { streams: paidBy(message).map((paymentId) => recoveryCase.of(paymentId)) };
  }

  handle(message: Paid, state: DecisionState): Outgoing[] {
    return paidBy(message).flatMap((paymentId): Outgoing[] => {
      const before = state.of(recoveryCase, paymentId);
      if (before.status === 'open' && before.initiated) {
        const { accountId } = before.initiated;
        return endOf(before, { paymentId, accountId, outcome: 'recovered', reason: null, now: state.now });
      }
      if (!before.isWatched || before.isPaid || before.status !== 'unknown') return [];
      return [emit(RecoveryPaymentSeen, { paymentId, seenAt: state.now.getTime() })];
    });
  }
}

/** The payments that count as made; none while money is only authorised. */
function paidBy({ data }: Paid): string[] {
  if ('captured' in data && !data.captured) return [];
  const stoodFor = 'recoversPaymentId' in data ? data.recoversPaymentId : null;
  return [...new Set([data.paymentId, ...(stoodFor === null ? [] : [stoodFor])])];
}
