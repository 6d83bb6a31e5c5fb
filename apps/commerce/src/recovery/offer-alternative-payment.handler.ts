import { Injectable } from '@nestjs/common';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { OfferAlternativePayment } from '@towpath/contracts/payments/OfferAlternativePayment.v1';
import { RecoveryFlowDeclined } from '@towpath/contracts/payments/RecoveryFlowDeclined.v1';
import { RecoveryFlowInitiated } from '@towpath/contracts/payments/RecoveryFlowInitiated.v1';
import { RecoveryStepDue } from '@towpath/contracts/payments/RecoveryStepDue.v1';
import type { Vault } from '@towpath/event-store/vault';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { InjectConfig, InjectVault } from '@towpath/service-kit/platform';
import type { RecoveryConfig } from './config.js';
import { declineClassOf } from './decline-class.js';
import { recoveryCase, type RecoveryCase } from './recovery-case.js';
import { offerLetter } from './recovery-letter.js';
import { mailTo, readableAddress } from './recovery-mail.js';
import { isWrittenToEnough, recoveryMails } from './recovery-mails.projection.js';
import { planRecovery, type PursuedClass, type RecoveryPlan } from './recovery-plan.js';
import { stepsOf } from './recovery-steps.js';

const EMITS = [RecoveryFlowInitiated, RecoveryFlowDeclined, RecoveryStepDue, SendMail, PostNotice] as const;
type Command = Received<typeof OfferAlternativePayment>;
type Answer = Emission<(typeof EMITS)[number]>[];
type Notified = 'mail' | 'nobody' | 'limited';

/**
 * Writes to the customer at once and plans what follows. Asked again it answers again and writes nothing; of a payment that was
 * made, stopped or looks like fraud it says so and leaves it alone.
 */
@Injectable()
@Handles(OfferAlternativePayment, { emits: EMITS, decrypts: true })
export class OfferAnotherWay implements Handler<typeof OfferAlternativePayment, typeof EMITS> {
  constructor(
    @InjectVault() private readonly vault: Pick<Vault, 'lookupHash'>,
    @InjectConfig() private readonly config: RecoveryConfig,
  ) {}

  reads({ data }: Command): Reads {
    const hash = this.hashOf(data);
    return { streams: [recoveryCase.of(data.paymentId)], rows: hash === null ? [] : [recoveryMails.at(hash)] };
  }

  handle({ data }: Command, state: DecisionState): Answer {
    const { paymentId, accountId } = data;
    const before = state.of(recoveryCase, paymentId);
    if (before.status === 'open' && before.initiated)
      return [emit(RecoveryFlowInitiated, { ...before.initiated, notified: 'before', addressHash: null })];
    const declineClass = before.declineClass ?? declineClassOf(data.declineCode, data.failureCode);
    const code = refusalOf(before, declineClass === 'suspected');
    if (code !== undefined || declineClass === 'suspected')
      return [emit(RecoveryFlowDeclined, { paymentId, accountId, code: code!, declinedAt: state.now.getTime() })];
    return this.offered(data, before, declineClass, state);
  }

  private offered(
    data: OfferAlternativePayment,
    before: RecoveryCase,
    declineClass: PursuedClass,
    state: DecisionState,
  ) {
    const { paymentId, accountId, amountMinor, currency, declineCode } = data;
    const invoiceId = before.invoice?.invoiceId ?? data.invoiceId;
    const subscriptionId = before.invoice?.subscriptionId ?? null;
    const at = state.now.getTime();
    const plan = planRecovery(declineClass, { invoiceId, subscriptionId, triedByProvider: before.triedByProvider }, at);
    const email = readableAddress(data.email);
    const hash = this.hashOf(data);
    const notified = notifiedHow(hash !== null && isWrittenToEnough(state.row(recoveryMails, hash), state.now), email);
    return [
      emit(RecoveryFlowInitiated, {
        ...{ paymentId, accountId, amountMinor, currency, plan: 1, declineCode, ...told(plan) },
        ...{ invoiceId, subscriptionId, notified, addressHash: notified === 'mail' ? hash : null, initiatedAt: at },
      }),
      ...this.letters(data, plan, email, notified),
      ...stepsOf(plan, 1, { paymentId, accountId, email, payUrl: null }),
    ];
  }

  private letters(data: OfferAlternativePayment, plan: RecoveryPlan, email: string | null, notified: Notified): Answer {
    const { paymentId, accountId, amountMinor, currency } = data;
    if (notified === 'mail' && email !== null) {
      const payUrl = `${this.config.COMMERCE_PAY_URL}/${encodeURIComponent(paymentId)}`;
      const letter = offerLetter({ amountMinor, currency, alternatives: plan.alternatives, payUrl });
      return [mailTo({ accountId, email }, `recovery-${paymentId}-offer`, letter)];
    }
    if (notified !== 'nobody') return [];
    const text = `Payment ${paymentId} of account ${accountId} was declined, and no address of the customer is known.`;
    const channel = this.config.COMMERCE_BILLING_CHANNEL;
    return [emit(PostNotice, { noticeId: `recovery-${paymentId}-offer`, channel, text })];
  }

  private hashOf({ email }: OfferAlternativePayment): string | null {
    const address = readableAddress(email);
    return address === null ? null : this.vault.lookupHash(address.toLowerCase());
  }
}

function notifiedHow(isEnough: boolean, email: string | null): Notified {
  if (email === null) return 'nobody';
  return isEnough ? 'limited' : 'mail';
}

function refusalOf({ status, isPaid, outcome }: RecoveryCase, isSuspected: boolean): string | undefined {
  if (isPaid || outcome === 'recovered') return 'ALREADY_PAID';
  if (status === 'ended') return 'STOPPED';
  return isSuspected ? 'SUSPECTED_FRAUD' : undefined;
}

function told(plan: RecoveryPlan) {
  const { declineClass, pauseAt, giveUpAt } = plan;
  return {
    ...{ declineClass, alternatives: [...plan.alternatives], retryAt: [...plan.retryAt] },
    ...{ remindAt: [...plan.remindAt], pauseAt, giveUpAt },
  };
}
