import { Inject, Injectable } from '@nestjs/common';
import { CustomerSignedUp } from '@towpath/contracts/customers/CustomerSignedUp.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Received } from '@towpath/service-kit/message';
import { CONFIG } from '@towpath/service-kit/platform';
import type { GrowthConfig } from '../config.js';
import { onboarding } from './onboarding.js';
import { begin, COORDINATING, type Coordinating } from './coordinate.js';

type Message = Received<typeof CustomerSignedUp>;

/** Notes what the sign-up needs, until when, and where to write to once it is done. */
@Injectable()
@Handles(CustomerSignedUp, { emits: COORDINATING, decrypts: true })
export class StartOnboarding implements Handler<typeof CustomerSignedUp, typeof COORDINATING> {
  constructor(@Inject(CONFIG) private readonly config: Pick<GrowthConfig, 'GROWTH_ONBOARDING_MS_MAX'>) {}

  reads({ data }: Message): Reads {
    return { streams: [onboarding.of(data.customerId)] };
  }

  handle({ data }: Message, state: DecisionState): Coordinating[] {
    return begin(state.of(onboarding, data.customerId), data, state.now, this.config.GROWTH_ONBOARDING_MS_MAX);
  }
}
