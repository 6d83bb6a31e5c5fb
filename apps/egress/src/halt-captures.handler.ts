import type { KeyBook } from '@towpath/agents/identity/keys';
import { verifyCommand } from '@towpath/agents/identity/verify-command';
import { Inject, Injectable } from '@nestjs/common';
import { EffectReserved } from '@towpath/contracts/egress/EffectReserved.v1';
import { HaltCaptures } from '@towpath/contracts/payments/HaltCaptures.v1';
import { ResumeCaptures } from '@towpath/contracts/payments/ResumeCaptures.v1';
import { Handles, type DecisionState } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { Permanent } from '@towpath/service-kit/permanent';
import { OURSELVES } from './actions.js';
import { AGENT_KEYS } from './command-keys.js';
import { Dispatcher } from './dispatcher.js';
import { effectOf, openEffectOf } from './effect-of-command.js';

/**
 * Halts an account's captures, or lets them go again. From the commit of this reservation on no capture of the account is
 * called here; the halt is confirmed when those that were queued, with other replicas too, have ended.
 */
@Injectable()
@Handles(HaltCaptures, { emits: [EffectReserved] })
@Handles(ResumeCaptures, { emits: [EffectReserved] })
export class HaltAccountCaptures {
  constructor(
    private readonly dispatcher: Dispatcher,
    @Inject(AGENT_KEYS) private readonly keys: KeyBook,
  ) {}

  handle(
    command: Received<typeof HaltCaptures | typeof ResumeCaptures>,
    { now }: DecisionState,
  ): readonly Emission<typeof EffectReserved>[] {
    const contract = command.type === HaltCaptures.type ? HaltCaptures : ResumeCaptures;
    const authority = verifyCommand(contract, command, this.keys, now);
    // A reservation would be the halt itself.
    if (!authority.ok) throw new Permanent(authority.code, authority.detail);
    const { accountId } = command.data;
    const route = { provider: OURSELVES, subjectId: accountId, accountId };
    const reserved = { ...effectOf(command, HaltCaptures, route, now), agent: authority.agent };
    this.dispatcher.offer(openEffectOf(command, reserved));
    return [emit(EffectReserved, reserved)];
  }
}
