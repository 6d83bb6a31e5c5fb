import { Injectable } from '@nestjs/common';
import { PauseSubscription } from '@towpath/contracts/billing/PauseSubscription.v1';
import { RetryInvoice } from '@towpath/contracts/billing/RetryInvoice.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { RecoveryStepDue } from '@towpath/contracts/payments/RecoveryStepDue.v1';
import { RecoveryStepTaken } from '@towpath/contracts/payments/RecoveryStepTaken.v1';
import type { Vault } from '@towpath/event-store/vault';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { InjectConfig, InjectVault } from '@towpath/service-kit/platform';
import type { RecoveryConfig } from './config.js';
import { recoveryCase, type RecoveryCase } from './recovery-case.js';
import { END_EMITS, endOf } from './recovery-end.js';
import { pauseLetter, reminderLetter, type LetterFacts } from './recovery-letter.js';
import { mailTo, readableAddress } from './recovery-mail.js';
import { isWrittenToEnough, recoveryMails } from './recovery-mails.projection.js';

const EMITS = [RetryInvoice, PauseSubscription, SendMail, PostNotice, ...END_EMITS] as const;
type Due = Received<typeof RecoveryStepDue>;
type Taken = Emission<(typeof EMITS)[number]>[];

/** A step of a plan, when its time has come and the recovery still waits for it. */
@Injectable()
@Handles(RecoveryStepDue, { emits: EMITS, decrypts: true })
export class TakeRecoveryStep implements Handler<typeof RecoveryStepDue, typeof EMITS> {
  constructor(
    @InjectVault() private readonly vault: Pick<Vault, 'lookupHash'>,
    @InjectConfig() private readonly config: RecoveryConfig,
  ) {}

  reads({ data }: Due): Reads {
    const hash = this.hashOf(data);
    return { streams: [recoveryCase.of(data.paymentId)], rows: hash === null ? [] : [recoveryMails.at(hash)] };
  }

  handle({ data }: Due, state: DecisionState): Taken {
    const before = state.of(recoveryCase, data.paymentId);
    // Paid, stopped or given up: the timers of a recovery outlive it.
    if (before.status !== 'open' || !before.initiated) return [];
    const { paymentId, accountId } = data;
    const end = { paymentId, accountId, reason: null, now: state.now };
    switch (data.step) {
      case 'retry':
        return data.plan === before.plan ? this.retried(data, before, state.now) : [];
      case 'remind':
        return data.plan === before.reminderPlan ? this.reminded(data, before, state) : [];
      case 'pause':
        return data.plan === before.plan ? this.paused(data, before, state.now) : [];
      case 'give_up':
        return [this.notice(data, before), ...endOf(before, { ...end, outcome: 'given_up' })];
      default:
        return endOf(before, { ...end, outcome: 'subscription_ended' });
    }
  }

  private retried(due: RecoveryStepDue, { invoice, retries }: RecoveryCase, now: Date): Taken {
    if (!invoice) return [];
    const { accountId, number } = due;
    const reason = `try ${number} of the plan after a decline`;
    const command = { invoiceId: invoice.invoiceId, accountId, paymentMethodId: null, reason };
    return [emit(RetryInvoice, command), taken(due, retries + 1, now, null)];
  }

  private reminded(due: RecoveryStepDue, before: RecoveryCase, state: DecisionState): Taken {
    const email = readableAddress(due.email);
    const hash = this.hashOf(due);
    if (email === null || hash === null || isWrittenToEnough(state.row(recoveryMails, hash), state.now)) return [];
    const number = before.reminders + 1;
    const mailId = `recovery-${due.paymentId}-reminder-${number}`;
    const letter = reminderLetter(this.factsOf(due, before), number);
    return [mailTo({ ...due, email }, mailId, letter), taken(due, number, state.now, hash)];
  }

  private paused(due: RecoveryStepDue, before: RecoveryCase, now: Date): Taken {
    const { paymentId, accountId } = due;
    const subscriptionId = before.invoice?.subscriptionId ?? null;
    if (subscriptionId === null || before.isPaused) return [];
    const email = readableAddress(due.email);
    const letter = pauseLetter(this.factsOf(due, before));
    return [
      emit(PauseSubscription, { subscriptionId, accountId, reason: `payment ${paymentId} is open` }),
      ...(email === null ? [] : [mailTo({ accountId, email }, `recovery-${paymentId}-pause`, letter)]),
      taken(due, 1, now, email === null ? null : this.hashOf(due)),
    ];
  }

  private notice({ paymentId, accountId }: RecoveryStepDue, { retries, reminders }: RecoveryCase) {
    const text = `Payment ${paymentId} of account ${accountId} could not be collected: ${retries} tries, ${reminders} reminders.`;
    const channel = this.config.COMMERCE_BILLING_CHANNEL;
    return emit(PostNotice, { noticeId: `recovery-${paymentId}-given-up`, channel, text });
  }

  private factsOf(due: RecoveryStepDue, { initiated, alternatives }: RecoveryCase): LetterFacts {
    const { amountMinor, currency } = initiated!;
    const own = `${this.config.COMMERCE_PAY_URL}/${encodeURIComponent(due.paymentId)}`;
    return { amountMinor, currency, alternatives, payUrl: readableAddress(due.payUrl) ?? own };
  }

  private hashOf({ email }: RecoveryStepDue): string | null {
    const address = readableAddress(email);
    return address === null ? null : this.vault.lookupHash(address.toLowerCase());
  }
}

function taken({ paymentId, accountId, step }: RecoveryStepDue, number: number, now: Date, addressHash: string | null) {
  return emit(RecoveryStepTaken, { paymentId, accountId, step, number, takenAt: now.getTime(), addressHash });
}
