import { Inject, Injectable } from '@nestjs/common';
import { OnboardingDeadlinePassed } from '@towpath/contracts/growth/OnboardingDeadlinePassed.v1';
import { OnboardingStalled } from '@towpath/contracts/growth/OnboardingStalled.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { CONFIG } from '@towpath/service-kit/platform';
import type { GrowthConfig } from '../config.js';
import { onboarding } from './onboarding.js';
import { COORDINATING, passDeadline } from './coordinate.js';

const EMITS = [...COORDINATING, PostNotice] as const;
type Message = Received<typeof OnboardingDeadlinePassed>;

/** The time for an onboarding is over: people hear what is missing. */
@Injectable()
@Handles(OnboardingDeadlinePassed, { emits: EMITS })
export class PassOnboardingDeadline implements Handler<typeof OnboardingDeadlinePassed, typeof EMITS> {
  constructor(@Inject(CONFIG) private readonly config: Pick<GrowthConfig, 'GROWTH_ONBOARDING_CHANNEL'>) {}

  reads({ data }: Message): Reads {
    return { streams: [onboarding.of(data.customerId)] };
  }

  handle({ data: { customerId } }: Message, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const appended = passDeadline(customerId, state.of(onboarding, customerId), state.now);
    return appended.flatMap((emission) =>
      emission.contract === OnboardingStalled
        ? [emission, this.notice(emission.data as OnboardingStalled)]
        : [emission],
    );
  }

  private notice({ customerId, missing }: OnboardingStalled): Emission<typeof PostNotice> {
    const what = missing.map(({ step, code }) => `${step} (${code ?? 'not heard of'})`).join(', ');
    return emit(PostNotice, {
      noticeId: `stalled_${customerId}`,
      channel: this.config.GROWTH_ONBOARDING_CHANNEL,
      text: `The onboarding of ${customerId} does not get on. Missing: ${what}.`,
    });
  }
}
