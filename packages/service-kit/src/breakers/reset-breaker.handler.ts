import { Inject, Injectable } from '@nestjs/common';
import { BreakerChanged } from '@towpath/contracts/platform/BreakerChanged.v1';
import { ResetBreaker } from '@towpath/contracts/platform/ResetBreaker.v1';
import { Handles, type DecisionState } from '../handles.js';
import { emit, type Emission, type Received } from '../message.js';
import { Permanent } from '../permanent.js';
import { SERVICE_NAME } from '../service.js';
import { BreakerResets } from './breaker-resets.js';
import { breakerIdOf } from './breakers.projection.js';

/** Lets calls through again to a third party, or to an endpoint that was disabled. Other services' breakers are theirs. */
@Injectable()
@Handles(ResetBreaker, { emits: [BreakerChanged] })
export class ResetOwnBreaker {
  constructor(
    private readonly resets: BreakerResets,
    @Inject(SERVICE_NAME) private readonly service: string,
  ) {}

  handle({ data }: Received<typeof ResetBreaker>, { now }: DecisionState): readonly Emission<typeof BreakerChanged>[] {
    const { breakerId, actor, reason } = data;
    const { service } = this;
    const ours = breakerIdOf(service, '');
    if (!breakerId.startsWith(ours)) return [];
    const name = breakerId.slice(ours.length);
    if (!this.resets.reset(name)) throw new Permanent('BREAKER_UNKNOWN', `${service} has no breaker ${name}`);
    const change = { breakerId, service, name, state: 'closed', cause: reason, actor };
    return [emit(BreakerChanged, { ...change, changedAt: now.getTime() })];
  }
}
