import { Inject, Injectable } from '@nestjs/common';
import { CustomerSignedUp } from '@towpath/contracts/customers/CustomerSignedUp.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { CONFIG } from '@towpath/service-kit/platform';
import type { GrowthConfig } from '../config.js';
import { salesAlert } from './sales-alert.js';
import { keyOf, readsToAsk, wasAsked } from './step.js';

type Message = Received<typeof CustomerSignedUp>;

/** Tells the people of sales that somebody signed up, once and without a name: chats keep what they are told. */
@Injectable()
@Handles(CustomerSignedUp, { emits: [PostNotice] })
export class AlertSales implements Handler<typeof CustomerSignedUp, readonly [typeof PostNotice]> {
  constructor(@Inject(CONFIG) private readonly config: Pick<GrowthConfig, 'GROWTH_SALES_CHANNEL'>) {}

  reads({ data }: Message): Reads {
    return readsToAsk(salesAlert, data.customerId);
  }

  handle({ data }: Message, state: DecisionState): Emission<typeof PostNotice>[] {
    const { customerId, plan, country } = data;
    if (wasAsked(salesAlert, customerId, state)) return [];
    const from = country === null ? '' : ` from ${country}`;
    return [
      emit(PostNotice, {
        noticeId: keyOf(salesAlert, customerId),
        channel: this.config.GROWTH_SALES_CHANNEL,
        text: `New customer${from} on the plan ${plan}: ${customerId}`,
      }),
    ];
  }
}
