import { Injectable } from '@nestjs/common';
import { BreakerChanged } from '@towpath/contracts/platform/BreakerChanged.v1';
import { ResetBreaker } from '@towpath/contracts/platform/ResetBreaker.v1';
import { Handles, type DecisionState } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { Permanent } from '@towpath/service-kit/permanent';
import { BreakerResets } from './breaker-resets.js';

const OURS = 'egress/';

/** Lets calls through again to a third party, or to an endpoint that was disabled. Other services' breakers are theirs. */
@Injectable()
@Handles(ResetBreaker, { emits: [BreakerChanged] })
export class ResetOwnBreaker {
  constructor(private readonly resets: BreakerResets) {}

  handle({ data }: Received<typeof ResetBreaker>, { now }: DecisionState): readonly Emission<typeof BreakerChanged>[] {
    const { breakerId, actor, reason } = data;
    if (!breakerId.startsWith(OURS)) return [];
    const name = breakerId.slice(OURS.length);
    if (!this.resets.reset(name)) throw new Permanent('BREAKER_UNKNOWN', `egress has no breaker ${name}`);
    const change = { breakerId, service: 'egress', name, state: 'closed', cause: reason, actor };
    return [emit(BreakerChanged, { ...change, changedAt: now.getTime() })];
  }
}
