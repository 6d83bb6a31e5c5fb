import { Inject, Injectable } from '@nestjs/common';
import { OnboardingCompleted } from '@towpath/contracts/growth/OnboardingCompleted.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { Handles, type DecisionState, type QueuedHandler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { CONFIG } from '@towpath/service-kit/platform';
import { mailsAsked } from '../asked.js';
import type { GrowthConfig } from '../config.js';
import { Contacts, type Addressee } from '../contacts.js';
import { setupCompleteMail } from './mails.js';
import { onboarding } from './onboarding.js';

type Message = Received<typeof OnboardingCompleted>;

/** Writes to the customer that everything is ready: one mail for each customer, whatever comes twice. */
@Injectable()
@Handles(OnboardingCompleted, { mode: 'queued', emits: [SendMail] })
export class SendSetupCompleteMail implements QueuedHandler<
  typeof OnboardingCompleted,
  readonly [typeof SendMail],
  Addressee | undefined
> {
  constructor(
    private readonly contacts: Contacts,
    @Inject(CONFIG) private readonly config: Pick<GrowthConfig, 'GROWTH_SIGNED_BY'>,
  ) {}

  reads({ data: { customerId } }: Message): Reads {
    return { streams: [mailsAsked.of(mailIdOf(customerId)), onboarding.of(customerId)] };
  }

  work({ data }: Message): Promise<Addressee | undefined> {
    return this.contacts.customer(data.customerId);
  }

  handle(
    { data: { customerId } }: Message,
    state: DecisionState,
    to: Addressee | undefined,
  ): Emission<typeof SendMail>[] {
    const mailId = mailIdOf(customerId);
    const { started } = state.of(onboarding, customerId);
    // Erased meanwhile, or written to already.
    if (!to || !started || state.of(mailsAsked, mailId).commands.length > 0) return [];
    const { subject, text } = setupCompleteMail(to.name, started.plan, this.config.GROWTH_SIGNED_BY);
    const mail = { mailId, recipientId: customerId, to: to.email, subject, text };
    return [emit(SendMail, { ...mail, inReplyTo: null, approvalHash: null })];
  }
}

function mailIdOf(customerId: string): string {
  return `setup_${customerId}`;
}
