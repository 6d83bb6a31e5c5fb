import { Inject, Injectable } from '@nestjs/common';
import { CustomerSignedUp } from '@towpath/contracts/customers/CustomerSignedUp.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { erased } from '@towpath/event-store/cipher';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { CONFIG } from '@towpath/service-kit/platform';
import type { GrowthConfig } from '../config.js';
import { welcomeMail } from './mails.js';
import { keyOf, readsToAsk, wasAsked } from './step.js';
import { welcome } from './welcome.js';

type Message = Received<typeof CustomerSignedUp>;

/** Welcomes a customer by mail, once. */
@Injectable()
@Handles(CustomerSignedUp, { emits: [SendMail], decrypts: true })
export class GreetCustomer implements Handler<typeof CustomerSignedUp, readonly [typeof SendMail]> {
  constructor(@Inject(CONFIG) private readonly config: Pick<GrowthConfig, 'GROWTH_SIGNED_BY'>) {}

  reads({ data }: Message): Reads {
    return readsToAsk(welcome, data.customerId);
  }

  handle({ data }: Message, state: DecisionState): Emission<typeof SendMail>[] {
    const { customerId, email, name, plan } = data;
    if (email === erased || wasAsked(welcome, customerId, state)) return [];
    const { subject, text } = welcomeMail(name, plan, this.config.GROWTH_SIGNED_BY);
    const mailId = keyOf(welcome, customerId);
    return [
      emit(SendMail, {
        mailId,
        recipientId: customerId,
        to: email,
        subject,
        text,
        inReplyTo: null,
        approvalHash: null,
      }),
    ];
  }
}
