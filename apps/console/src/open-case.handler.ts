import { Injectable } from '@nestjs/common';
import { CaseOpened } from '@towpath/contracts/console/CaseOpened.v1';
import { CaseSlaDue } from '@towpath/contracts/console/CaseSlaDue.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, remind, type Emission, type Received } from '@towpath/service-kit/message';
import { InjectConfig } from '@towpath/service-kit/platform';
import { fourEyesLimits, peopleNeeded } from '@towpath/service-kit/reviews/four-eyes';
import type { ConsoleConfig } from './config.js';
import { reviewCases } from './review-case.js';

const EMITS = [CaseOpened, CaseSlaDue] as const;
const MINUTE_MS = 60_000;

/** Somebody asks for a review, or asks it anew: a case is open until its owner closes the review. */
@Injectable()
@Handles(ReviewRequested, { emits: EMITS, decrypts: true })
export class OpenCase implements Handler<typeof ReviewRequested, typeof EMITS> {
  constructor(@InjectConfig() private readonly config: ConsoleConfig) {}

  reads({ data }: Received<typeof ReviewRequested>): Reads {
    return { streams: [reviewCases.of(data.reviewId)] };
  }

  handle(
    { data, time, source }: Received<typeof ReviewRequested>,
    state: DecisionState,
  ): Emission<(typeof EMITS)[number]>[] {
    const { reviewId, dueAt, slaMinutes, service, choices, ...asked } = data;
    const before = state.of(reviewCases, reviewId);
    const revision = (before.asked?.revision ?? 0) + 1;
    const wanted = time.getTime() + (slaMinutes ?? this.config.SLA_MINUTES) * MINUTE_MS;
    const decideBy = dueAt === null ? wanted : Math.min(wanted, dueAt);
    const opened = emit(CaseOpened, {
      ...asked,
      ...{ reviewId, revision, dueAt, decideBy, openedAt: time.getTime() },
      // Requests of before say neither; the relay says whose they were.
      service: service ?? source.split('/').at(-1) ?? 'unknown',
      choices: choices.length > 0 ? choices : ['approve', 'reject'],
      people: peopleNeeded(data, fourEyesLimits(this.config.FOUR_EYES_ABOVE)),
    });
    return [opened, remind(CaseSlaDue, new Date(decideBy), { reviewId, revision, level: 0 })];
  }
}
